// The pages, in the order of the navigation.

import answers from "./answers.js";
import clients from "./clients.js";
import consents from "./consents.js";
import federation from "./federation.js";
import learned from "./learned.js";
import ledger from "./ledger.js";
import map from "./map.js";
import memories from "./memories.js";
import profile from "./profile.js";
import taste from "./taste.js";

export const PAGES = [profile, memories, map, answers, taste, learned, consents, clients, ledger, federation];

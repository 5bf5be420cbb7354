"""Names the stages of a round, as records, tests and the two sides speak of them."""

from enum import StrEnum


class DeviceStage(StrEnum):
    """What a device has done last in its round."""

    IDLE = "Idle"
    INVITED = "Invited"
    COMMITTED = "Committed"
    ADVERTISED = "Advertised"
    DEALT = "Dealt"
    SENT = "Sent"
    AGREED = "Agreed"
    OVER = "Over"

    @property
    def vector_left(self) -> bool:
        """Whether the masked vector left, and more is still asked of the device."""
        return self in {DeviceStage.SENT, DeviceStage.AGREED}


class ServerStage(StrEnum):
    """What the server waits for."""

    INVITING = "Inviting"
    REVEALING = "Revealing"
    SHARING = "Sharing"
    MASKING = "Masking"
    AGREEING = "Agreeing"
    OPENING = "Opening"
    FINISHED = "Finished"

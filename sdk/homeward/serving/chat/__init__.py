"""What every interface of the server asks the assistant by: a question in, a reply out."""

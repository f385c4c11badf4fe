"""What sensors measure: how it comes in, which of it is believed, and the hours, days and areas made of it."""

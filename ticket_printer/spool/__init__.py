"""What is to be printed and how far it got: durable, one worker for each printer."""

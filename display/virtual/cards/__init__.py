"""What each kind of virtual panel hears, keeps, answers and lights."""

"""The hall's voice: phrases, a supervised synthesizer, checked WAV files, one call at a time."""

"""The hall server: numbers, windows, calls, the journal, the API and the staff's pages."""

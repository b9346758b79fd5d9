"""What people ask for between runs: repair, forget, correct, explain."""

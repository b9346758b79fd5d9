"""What commands share: options, printing, questions line by line."""

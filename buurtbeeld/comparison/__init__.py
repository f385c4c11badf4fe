"""What the page of comparison shows: differences between areas, two figures against each other, areas alike."""

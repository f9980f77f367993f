"""One work ticket for each transaction query, however often and however written it is raised."""

"""Results for others: the report and files of predictions."""

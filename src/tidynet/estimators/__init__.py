"""Recipe, network and history behind scikit-learn's estimator interface."""

def _cleanup_tests():
    """Nothing was started."""

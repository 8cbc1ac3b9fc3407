"""Tests that draw their values run with the examples written beside them."""


class _Anything:
    """Any strategy for drawing values: none draws."""

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __or__(self, other):
        return self


class _Hypothesis:
    strategies = _Anything()
    settings = HealthCheck = _Anything()

    @staticmethod
    def assume(condition):
        return bool(condition)

    @staticmethod
    def example(*args, **kwargs):
        def decorator(test):
            test._examples = getattr(test, '_examples', []) + [(args, kwargs)]
            return test
        return decorator

    @staticmethod
    def given(*_args, **_kwargs):
        def decorator(test):
            def run(self):
                for args, kwargs in reversed(getattr(run, '_examples', getattr(test, '_examples', []))):
                    with self.subTest(args=args, kwargs=kwargs):
                        test(self, *args, **kwargs)
            run.__name__ = test.__name__
            run._examples = getattr(test, '_examples', [])
            return run
        return decorator


hypothesis = _Hypothesis()

"""Assertions that several tests share."""


class ExceptionIsLikeMixin:
    def assertExceptionIsLike(self, exc, template):
        """Exceptions of the same types with the same arguments, groups of them likewise."""
        if template is None:
            if exc is not None:
                self.fail(f"unexpected exception: {exc}")
            return
        if exc is None:
            self.fail(f"expected an exception like {template!r}, got None")
        if isinstance(exc, ExceptionGroup):
            self.assertEqual(exc.message, template.message)
            self.assertEqual(len(exc.exceptions), len(template.exceptions))
            for each, like in zip(exc.exceptions, template.exceptions):
                self.assertExceptionIsLike(each, like)
        else:
            self.assertEqual(exc.__class__, template.__class__)
            self.assertEqual(exc.args[0], template.args[0])


def _sign(x):
    """Tells -0.0 from 0.0."""
    return repr(x).startswith('-')


class FloatsAreIdenticalMixin:
    def assertFloatsAreIdentical(self, x, y):
        """Equal floats with equal signs; any NaN is identical to any other."""
        if x != x and y != y:
            return
        message = f'floats {x!r} and {y!r} are not identical'
        if x != y:
            self.fail(message)
        if x == 0.0 and _sign(x) != _sign(y):
            self.fail(message + ': zeros have different signs')


class ComplexesAreIdenticalMixin(FloatsAreIdenticalMixin):
    def assertComplexesAreIdentical(self, x, y):
        self.assertFloatsAreIdentical(x.real, y.real)
        self.assertFloatsAreIdentical(x.imag, y.imag)

"""What the scenarios of autograd share."""


def toolbox(mx):
    """(the dict of cases, the decorator that puts a function there under its name, a maker of variables)."""
    cases = {}

    def case(function):
        cases[function.__name__] = function
        return function

    def variable(values, req="write", dtype="float32"):
        x = mx.nd.array(values, dtype=dtype)
        x.attach_grad(req)
        return x

    return cases, case, variable

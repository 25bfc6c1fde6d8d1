"""Programs with loops and branches: ``program(F, inputs...)`` on arrays or symbols.

The names of their parameters are those of their inputs in ``VALUES``.
"""

X, S, W = [[1.0, 2.0], [3.0, -4.0], [0.5, 1.5]], [5.0, 6.0], [2.0, 3.0]


def running_sum(F, x, s):
    return F.contrib.foreach(lambda row, state: (row + state, row * state), x, s)


def captured(F, x, s, w):
    doubled = F.relu(w, name="doubled") * 2
    return F.contrib.foreach(lambda row, state: (row * doubled + w, state * w), x, s)


def captured_data(F, x, s):
    return F.contrib.foreach(lambda row, state: (F.broadcast_mul(x, F.expand_dims(row, axis=0)), state * row + s), x, s)


def several(F, x, s, w):
    def body(rows, states):
        a, b = rows
        c, (d,) = states
        return [a + c, [b * d]], [c * 2, [d + a]]

    return F.contrib.foreach(body, [x, F.broadcast_mul(x, F.reshape(w, shape=(1, 2)))], [s, [w]])


def lists_of_one(F, x, s):
    return F.contrib.foreach(lambda rows, states: ([rows[0] + states[0]], [states[0]]), [x], [s])


def tuples(F, x, s):
    return F.contrib.foreach(lambda rows, states: ((rows[0] * 2, rows[0]), (states[0] + 1,)), (x,), (s,))


def swapped_states(F, x, s, w):
    return F.contrib.foreach(lambda row, states: (states[1] * row, [states[1], states[0]]), x, [s, w])


def no_states(F, x):
    return F.contrib.foreach(lambda row, states: (row * row, []), x, [])


def one_result_twice(F, x, s):
    def body(row, state):
        made = row * state
        return [made, made], made

    return F.contrib.foreach(body, x, s)


def vector(F, v, i):
    return F.contrib.foreach(lambda element, state: (element * state, state + element), v, i)


def part_of_a_split(F, x, s):
    parts = F.SliceChannel(x, num_outputs=2, axis=1, name="parts")
    return F.contrib.foreach(
        lambda row, state: (row * F.sum(parts[1]) + F.sum(parts[0]), state * row), parts[0], F.sum(s)
    )


def nested(F, x, s, w):
    half = x * 0.5

    def outer(row, state):
        gate = F.sigmoid(row, name="gate")
        results, last = F.contrib.foreach(lambda r, c: (r * c + row, c * gate + w), half, state, name="inner")
        return F.sum(results, axis=0), last

    return F.contrib.foreach(outer, x, s, name="outer")


def chained(F, x, s):
    first, state = F.contrib.foreach(lambda row, c: (row + c, c + 1), x, s, name="first")
    return F.contrib.foreach(lambda row, c: (row * c, c - 1), first, state, name="second")


def counting(F, i, s, w):
    return F.contrib.while_loop(lambda i, s: i < 3, lambda i, s: (s * w, [i + 1, s * 2]), [i, s], max_iterations=3)


def stopped(F, i, s, w):
    return F.contrib.while_loop(lambda i, s: i < 9, lambda i, s: (s * w, [i + 1, s * 2]), [i, s], max_iterations=2)


def one_variable(F, i):
    return F.contrib.while_loop(lambda i: i < 4, lambda i: (i * 2, i + 1), i, max_iterations=4)


def one_variable_in_a_list(F, i):
    return F.contrib.while_loop(lambda i: i < 4, lambda i: ([i * 2], [i + 1]), [i], max_iterations=4, **named(F, "w1"))


def no_results(F, i, s):
    return F.contrib.while_loop(lambda i, s: i < 3, lambda i, s: (None, (i + 1, s * s)), (i, s), max_iterations=9)


def not_one_step(F, i, s):
    return F.contrib.while_loop(lambda i, s: i > 3, lambda i, s: ([], (i + 1, s * s)), (i, s), max_iterations=9)


def nested_results(F, i, s):
    return F.contrib.while_loop(
        lambda i, s: i < 2,
        lambda i, s: ([i, [F.broadcast_add(s, i)]], [i + 1, F.broadcast_mul(s, i)]),
        [i, s],
        max_iterations=2,
    )


def captured_by_both(F, i, s, w):
    limit, factor = F.sum(w, name="limit"), w * 2
    return F.contrib.while_loop(
        lambda i, s: i * limit < 12, lambda i, s: (s * factor, [i + 1, s + factor]), [i, s], max_iterations=3
    )


def swapped(F, i, v):
    j = F.sum(v)
    return F.contrib.while_loop(lambda i, j: i < j, lambda i, j: ([], [j, i]), [i, j], max_iterations=5)


def variable_as_condition(F, i, s):
    return F.contrib.while_loop(lambda i, s: 3 - i, lambda i, s: (s, [i + 1, s * 2]), [i, s], max_iterations=3)


def loop_in_a_loop(F, i, x, s):
    def step(i, s):
        results, s = F.contrib.foreach(lambda row, c: (F.broadcast_mul(row, i) + c, c * 0.5), x, s, name="in_loop")
        return results, [i + 1, s]

    return F.contrib.while_loop(lambda i, s: i < 2, step, [i, s], max_iterations=2, **named(F, "around"))


def branch(F, i, s, w):
    return F.contrib.cond(i < 1, lambda: s * w, lambda: s + w)


def other_branch(F, i, s, w):
    return F.contrib.cond(i > 1, lambda: s * w, lambda: s + w)


def branch_with_several(F, i, s, w):
    total = F.sum(w, name="total")
    return F.contrib.cond(i, lambda: [s, [w]], lambda: [F.broadcast_mul(s, total), [s]])


def condition_used_inside(F, i, s):
    return F.contrib.cond(i + 1, lambda: F.broadcast_mul(s, i + 1), lambda: s)


def branches_in_branches(F, i, s, w):
    return F.contrib.cond(
        i < 1,
        lambda: F.contrib.cond(i > 0, lambda: s, lambda: s * w, **named(F, "lower")),
        lambda: w,
        **named(F, "upper"),
    )


def branch_in_a_loop(F, x, s, w):
    def body(row, state):
        chosen = F.contrib.cond(F.sum(row) > 1, lambda: row * state, lambda: row * w, **named(F, "choice"))
        return chosen, state + row

    return F.contrib.foreach(body, x, s)


def named(F, name):
    """MXNet's functions on arrays have no names, those of foreach in a Block do take one here."""
    return {} if F.__name__.endswith("ndarray") else {"name": name}


PROGRAMS = [
    running_sum, captured, captured_data, several, lists_of_one, tuples, swapped_states, no_states, one_result_twice,
    vector, part_of_a_split, nested, chained, counting, stopped, one_variable, one_variable_in_a_list,
    no_results, not_one_step, nested_results, captured_by_both, swapped, variable_as_condition, loop_in_a_loop, branch,
    other_branch, branch_with_several, condition_used_inside, branches_in_branches, branch_in_a_loop,
]  # fmt: skip
VALUES = {"x": X, "s": S, "w": W, "i": [0.0], "v": [1.0, 2.0, -3.0]}

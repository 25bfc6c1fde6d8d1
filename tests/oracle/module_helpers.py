"""Writes tests/golden/module_helpers.json: functions without a public name that forks of Module import from MXNet's.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.module_helpers
"""

from tests.oracle.gluon_common import check_complete, collect, kind
from tests.oracle.scenario import write


def described(found):
    """Contexts as text, mappings as plain dicts."""
    if isinstance(found, list):
        return [described(f) for f in found]
    return {k: str(v) for k, v in found.items()} if hasattr(found, "items") else found


def loading(mx, put):
    nd, group = mx.nd, mx.module.executor_group

    def targets(*shapes, **kwargs):
        return [nd.zeros(s, **kwargs) for s in shapes]

    def parts(axis, *shapes):
        """A target on each of several contexts, and which examples it gets."""
        found, begin = [], 0
        for i, shape in enumerate(shapes):
            found.append((slice(begin, begin + shape[axis]), nd.zeros(shape, ctx=mx.cpu(i))))
            begin += shape[axis]
        return found

    def loaded(data, into, axes):
        group._load_general(data, into, axes)
        return [[a[1] if isinstance(a, tuple) else a for a in t] if isinstance(t, list) else t for t in into]

    whole, matrix = nd.arange(12).reshape((4, 3)), nd.arange(24).reshape((2, 4, 3))
    put("whole arrays", loaded([whole, whole * 2], targets((4, 3), (4, 3)), [0, 0]))
    put("another dtype", loaded([whole], targets((4, 3), dtype="int32"), [0]))
    put("whole arrays of another shape", kind(loaded, [whole], targets((2, 3)), [0]))
    put("along the first axis", loaded([whole], [parts(0, (1, 3), (3, 3))], [0]))
    put("along the second axis", loaded([matrix], [parts(1, (2, 1, 3), (2, 3, 3))], [1]))
    put("along the last axis", loaded([matrix], [parts(2, (2, 4, 2), (2, 4, 1))], [2]))
    put("no batch axis", loaded([whole], [[(slice(0, 2), nd.zeros((4, 3))), (slice(2, 4), nd.zeros((4, 3)))]], [-1]))
    put("one part", loaded([whole], [parts(0, (4, 3))], [0]))
    put("parts of part of it", loaded([whole], [[(slice(1, 3), nd.zeros((2, 3)))]], [0]))
    put("parts that do not fit", kind(loaded, [whole], [parts(0, (1, 2), (3, 2))], [0]))
    put("parts of another dtype", loaded([whole], [[(slice(0, 4), nd.zeros((4, 3), dtype="float64"))]], [0]))
    put("fewer arrays than targets", loaded([whole], targets((4, 3), (4, 3)), [0, 0]))
    put("fewer targets than arrays", loaded([whole, whole], targets((4, 3)), [0]))
    put("fewer axes than arrays", loaded([whole, whole], targets((4, 3), (4, 3)), [0]))
    numbers = whole.asnumpy()
    put("numpy", kind(loaded, [numbers], targets((4, 3)), [0]))
    put("numpy in parts", kind(loaded, [numbers], [parts(0, (1, 3), (3, 3))], [0]))
    put("numpy in one part", kind(loaded, [numbers], [parts(0, (4, 3))], [0]))
    put("numpy along the second axis", kind(loaded, [numbers], [parts(1, (4, 1), (4, 2))], [1]))
    put("csr", loaded([whole.tostype("csr")], [parts(0, (1, 3), (3, 3))], [0]))

    batch = mx.io.DataBatch([whole, matrix], [nd.arange(4)])
    put("_load_data", kind(group._load_data, batch, targets((4, 3), (2, 4, 3)), [0, 1]))
    for name, shapes, axes in (("data", ((4, 3), (2, 4, 3)), [0, 1]), ("label", ((4,),), [0])):
        into = targets(*shapes)
        put("_load_%s gives" % name, kind(getattr(group, "_load_" + name), batch, into, axes))
        put("_load_%s" % name + " wrote", into)
    into = [parts(0, (2,), (2,))]
    group._load_label(batch, into, [0])
    put("_load_label in parts", [a for _, a in into[0]])
    several = [mx.io.DataBatch([whole[i : i + 2], matrix[:, i]], [nd.arange(2) + i]) for i in range(2)]
    into = [parts(0, (2, 3), (2, 3)), parts(0, (2, 3), (2, 3))]
    group._load_data(several, into, [0, 0])
    put("_load_data of several batches", [[a for _, a in t] for t in into])
    into = [parts(0, (2,), (2,))]
    group._load_label(several, into, [0])
    put("_load_label of several batches", [a for _, a in into[0]])
    put("a list for each array", loaded([[whole, whole * 2]], [targets((4, 3), (4, 3))], [0]))
    put("a list of other shapes", kind(loaded, [[whole, whole[:2]]], [targets((4, 3), (4, 3))], [0]))
    net = mx.mod.Module(
        mx.sym.LinearRegressionOutput(mx.sym.var("data") * 2, name="out"),
        label_names=["out_label"], context=[mx.cpu(0), mx.cpu(1)],
    )  # fmt: skip
    net.bind([("data", (4, 3))], [("out_label", (4, 3))])
    net.init_params()
    batches = [mx.io.DataBatch([whole[i : i + 2]], [nd.ones((2, 3)) * i]) for i in (0, 2)]
    net._exec_group.forward(batches)
    put("the group's forward of several batches", net._exec_group.get_outputs())
    put("their labels", [e.arg_dict["out_label"] for e in net._exec_group.execs])
    put("no labels", kind(group._load_label, mx.io.DataBatch([whole], None), [], []))


def merging(mx, put):
    nd, merge = mx.nd, mx.module.executor_group._merge_multi_context

    def on(context, array):
        return array.as_in_context(mx.cpu(context))

    rows = [on(0, nd.ones((1, 2))), on(1, nd.ones((3, 2)) * 2)]
    columns = [on(1, nd.ones((2, 1))), on(0, nd.ones((2, 2)) * 3)]
    merged = merge([rows, columns], [0, 1])
    put("rows and columns", merged)
    put("their contexts", [str(m.context) for m in merged])
    put("the context of several", [str(m.context) for m in merge([columns], [1])])
    put("no batch axis", merge([rows], [-1]))
    put("no batch axis: the first itself", merge([rows], [-1])[0] is rows[0])
    single = nd.ones((2, 2))
    put("one context", merge([[single]], [0]))
    put("one context: its array itself", merge([[single]], [0])[0] is single)
    put("fewer axes", merge([rows, columns], [0]))
    put("nothing", [merge([], []), kind(merge, [[]], [0])])
    put("shapes that do not fit", kind(merge, [rows], [1]))
    put("an axis that is not there", kind(merge, [rows], [2]))


def groups(mx, put):
    prepare, cpu = mx.module.executor_group._prepare_group2ctxs, mx.cpu
    cases = {
        "None": (None, 2),
        "a dict of contexts": ({"a": cpu(1), "b": cpu(2)}, 2),
        "a dict of lists": ({"a": [cpu(1), cpu(2)], "b": [cpu(3), cpu(4)]}, 2),
        "a dict of one": ({"a": [cpu(1)]}, 2),
        "a dict of both": ({"a": cpu(1), "b": [cpu(3), cpu(4)]}, 2),
        "a tuple": ({"a": (cpu(1), cpu(2))}, 2),
        "too few": ({"a": [cpu(1), cpu(2)]}, 3),
        "too many": ({"a": [cpu(1), cpu(2)]}, 1),
        "no groups": ({}, 2),
        "a list": ([{"a": cpu(1)}, {"a": cpu(2)}], 2),
        "a list of lists": ([{"a": [cpu(1)]}], 1),
        "a list too short": ([{"a": cpu(1)}], 2),
        "a tuple of dicts": (({"a": cpu(1)}, {"a": cpu(2)}), 2),
        "a number": (3, 2),
        "numbers for contexts": ({"a": 3}, 2),
    }
    for name, (given, length) in cases.items():
        put(name, kind(lambda given=given, length=length: described(prepare(given, length))))
    given = [{"a": cpu(1)}]
    put("a list is given back", prepare(given, 1) is given)
    separate = prepare({"a": cpu(1)}, 2)
    separate[0]["b"] = cpu(3)
    put("each context has a dict of its own", described(separate))


def stores(mx, put):
    """module.module has those of model under the same names."""
    names = ("_create_kvstore", "_initialize_kvstore", "_update_params", "_update_params_on_kvstore",
             "_create_sparse_kvstore")  # fmt: skip
    put("as in model", {n: getattr(mx.module.module, n, None) is getattr(mx.model, n) for n in names})
    put("parameters", {n: list(getattr(mx.model, n).__code__.co_varnames[: getattr(mx.model, n).__code__.co_argcount])
                       for n in names})  # fmt: skip
    create, initialize = mx.module.module._create_kvstore, mx.module.module._initialize_kvstore
    weights = {"w": mx.nd.array([1.0, 2]), "b": mx.nd.array([3.0])}
    for name in (None, "local", "device"):
        for contexts in (1, 2):
            store, on_store = create(name, contexts, weights)
            case = "%s %d" % (name, contexts)
            put(case, [store and store.type, on_store])
            if store is None:
                continue
            arrays = [[mx.nd.zeros(weights[n].shape, ctx=mx.cpu(i)) for i in range(contexts)] for n in ("w", "b")]
            initialize(kvstore=store, param_arrays=arrays, arg_params=weights, param_names=["w", "b"],
                       update_on_kvstore=on_store)  # fmt: skip
            pulled = mx.nd.zeros(2)
            store.pull("w", out=pulled)
            put(case + ", initialized", [arrays, pulled])


PARTS = [loading, merging, groups, stores]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("module_helpers", check_complete(results(mxnet)))

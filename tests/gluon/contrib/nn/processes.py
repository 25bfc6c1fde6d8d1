"""Run by test_sync_processes: one process of two that train together."""

import sys

import numpy as np
import torch.distributed as dist

import mxgluon_compat as mx

CUT = (0, 5, 7)


def values(*shape):
    return np.random.RandomState(sum(shape)).standard_normal(shape)


def observed(norm, begin, end, hybridize, contexts=None):
    """Results, gradients and states of a small net for rows ``begin`` to ``end``."""
    nn, contexts = mx.gluon.nn, contexts or [mx.cpu()]
    net = nn.HybridSequential()
    net.add(nn.Dense(3, in_units=4), norm(in_channels=3), nn.Activation("tanh"), norm(in_channels=3, momentum=0.5))
    net.initialize(ctx=contexts)
    net.cast("float64")
    for i, param in enumerate(net.collect_params().values()):
        if param.name.endswith(("weight", "gamma", "beta")):
            param.set_data(mx.nd.array(values(i + 1, *param.shape)[0], dtype="float64"))
    if hybridize:
        net.hybridize(static_alloc=True)
    data, heads = values(7, 4)[begin:end], values(7, 3)[begin:end]
    xs = mx.gluon.utils.split_and_load(mx.nd.array(data, dtype="float64"), contexts, even_split=False)
    hs = mx.gluon.utils.split_and_load(mx.nd.array(heads, dtype="float64"), contexts, even_split=False)
    for x in xs:
        x.attach_grad()
    with mx.autograd.record():
        outs = [net(x) for x in xs]
        losses = [(out * out * h).sum() for out, h in zip(outs, hs, strict=True)]
    for loss in losses:
        loss.backward()
    params = net.collect_params()
    found = {f"grad {i}": sum(g.asnumpy() for g in p.list_grad()) for i, p in enumerate(params.values())
             if p.grad_req != "null"}  # fmt: skip
    found.update(
        {f"state {i}": p.list_data()[-1].asnumpy() for i, p in enumerate(params.values()) if p.grad_req == "null"}
    )
    found["out"] = np.concatenate([out.asnumpy() for out in outs])
    found["x"] = np.concatenate([x.grad.asnumpy() for x in xs])
    found["predicted"] = net(xs[0]).asnumpy()
    return found


def main(rank, rendezvous, folder):
    dist.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=2)
    sync = mx.gluon.contrib.nn.SyncBatchNorm
    for name, devices, hybridize in (("plain", 1, False), ("hybrid", 1, True), ("devices", 2, False)):
        contexts = [mx.cpu(i) for i in range(devices)]
        found = observed(
            lambda devices=devices, **kwargs: sync(num_devices=devices, **kwargs), CUT[rank], CUT[rank + 1], hybridize,
            contexts,
        )  # fmt: skip
        np.savez(f"{folder}/{name}{rank}.npz", **found)
    dist.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])

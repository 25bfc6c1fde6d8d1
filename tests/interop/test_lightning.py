"""as_module in a LightningModule. Expected: what a plain loop with the same optimizer gives, to the bit."""

import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import gluon
from mxgluon_compat.gluon import nn
from mxgluon_compat.interop import TorchBlock, as_module

L = pytest.importorskip("lightning")

pytestmark = [
    # Lightning's own: advice (workers of a loader, a folder used again), and what it asks of PyTorch's pytrees
    pytest.mark.filterwarnings("ignore::lightning.fabric.utilities.warnings.PossibleUserWarning"),
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists:UserWarning:lightning"),
    pytest.mark.filterwarnings(r"ignore:`isinstance\(treespec, LeafSpec\)`:FutureWarning:lightning"),
]
EPOCHS, BATCH = 3, 8
X = torch.linspace(-1, 1, 24 * 5).square().reshape(24, 5)
Y = torch.arange(24) % 3


class Untraced(gluon.Block):
    """A Block that only runs as it is: it branches on values."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.body, self.norm, self.head = nn.Dense(6), nn.BatchNorm(), nn.Dense(3)

    def forward(self, x):
        x = self.norm(self.body(x))
        return self.head(x if x.sum().asscalar() > 0 else mx.nd.relu(x))


def layers(*more):
    net = nn.HybridSequential()
    net.add(nn.Dense(6, activation="relu"), nn.BatchNorm(), nn.Dropout(0.3), nn.Dense(3), *more)
    return net


def mixed():
    torch.manual_seed(2)
    return layers(TorchBlock(torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 3))))


NETS = {"hybrid": layers, "untraced": Untraced, "mixed": mixed}


def make(kind):
    """A net whose Parameters have no shape yet; MXNet's streams stand at their beginning."""
    mx.random.seed(3)
    net = NETS[kind]()
    net.initialize(mx.init.Xavier())
    return net


def optimizer_of(module):
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
    return optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)


class Classifier(L.LightningModule):
    def __init__(self, net):
        super().__init__()
        self.net = as_module(net)
        self.losses = []

    def training_step(self, batch, index):
        loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.losses.append(loss.item())
        return loss

    def validation_step(self, batch, index):
        self.log("val_loss", torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

    def predict_step(self, batch, index):
        return self.net(batch[0])

    def configure_optimizers(self):
        optimizer, schedule = optimizer_of(self)
        return [optimizer], [schedule]

    def on_save_checkpoint(self, checkpoint):
        checkpoint["random"] = mx.random.get_state()

    def on_load_checkpoint(self, checkpoint):
        mx.random.set_state(checkpoint["random"])


def loader():
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, Y), BATCH)


def fit(model, folder, epochs=EPOCHS, ckpt_path=None, **options):
    trainer = L.Trainer(
        max_epochs=epochs, accelerator="cpu", devices=1, default_root_dir=folder, logger=False,
        enable_progress_bar=False, enable_model_summary=False, **options,
    )  # fmt: skip
    trainer.fit(model, loader(), loader(), ckpt_path=ckpt_path)
    return trainer


def plain_loop(net):
    """The losses of the same training, and the module after it."""
    module, losses = as_module(net).train(), []
    optimizer, schedule = optimizer_of(module)
    for _ in range(EPOCHS):
        for x, y in loader():
            loss = torch.nn.functional.cross_entropy(module(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        schedule.step()
    return losses, module


def same(found, expected):
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize("kind", NETS)
def test_the_trainer_makes_the_steps_of_a_plain_loop(kind, tmp_path):
    net = make(kind)
    model = Classifier(net)
    # the first batch that it sees is one of validation, in inference mode, and gives the Parameters their shapes
    trainer = fit(model, tmp_path, enable_checkpointing=False)
    losses, module = plain_loop(make(kind))
    assert model.losses == losses and losses[-1] < losses[0]
    same(model.net.state_dict(), module.state_dict())
    assert set(model.state_dict()) == {"net." + name for name in net._collect_params_with_prefix()}

    before = make(kind)
    before(mx.nd.array(X))
    for name, param in before._collect_params_with_prefix().items():
        after = net._collect_params_with_prefix()[name].data()
        assert not (after == param.data()).asnumpy().all(), name  # statistics of BatchNorm among them
        assert after.to_torch().data_ptr() == model.net.state_dict()[name].data_ptr()

    module.eval()
    expected = torch.cat([module(x) for x, _ in loader()])
    torch.testing.assert_close(trainer.callback_metrics["val_loss"], torch.nn.functional.cross_entropy(expected, Y))
    same(torch.cat(trainer.predict(model, loader())), expected)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", NETS)
def test_resumed_from_a_checkpoint(kind, tmp_path):
    straight = Classifier(make(kind))
    fit(straight, tmp_path, enable_checkpointing=False)
    trainer = fit(Classifier(make(kind)), tmp_path, epochs=1)
    path = trainer.checkpoint_callback.best_model_path

    mx.random.seed(8)  # what the file holds decides, not where the streams of this process stand
    net = NETS[kind]()
    net.initialize()
    resumed = Classifier(net)
    fit(resumed, tmp_path, ckpt_path=path)
    steps = len(X) // BATCH
    assert resumed.losses == straight.losses[steps:] and len(resumed.losses) == (EPOCHS - 1) * steps
    same(resumed.state_dict(), straight.state_dict())


def test_a_checkpoint_without_lightning(tmp_path):
    model = Classifier(make("hybrid"))
    trainer = fit(model, tmp_path, epochs=1)
    path = trainer.checkpoint_callback.best_model_path
    saved = torch.load(path)["state_dict"]
    net = layers()
    net.initialize()
    as_module(net).load_state_dict({name.removeprefix("net."): tensor for name, tensor in saved.items()})
    net.save_parameters(str(tmp_path / "net.params"))
    again = layers()
    again.load_parameters(str(tmp_path / "net.params"))
    same(again(mx.nd.array(X)).to_torch(), model.net.gluon_block(mx.nd.array(X)).to_torch())
    other = Classifier.load_from_checkpoint(path, net=make("hybrid"))
    same(other.state_dict(), model.state_dict())

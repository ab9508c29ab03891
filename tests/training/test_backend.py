"""What TensorFlow makes of a training step: every weight is read before it is updated, or after."""

from collections import defaultdict

import keras
import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from ssl_core.training.backend import prepare_backend
from tests.support.training import batch_of, cases, compiled, data_for

READ = "ReadVariableOp"


@pytest.fixture(autouse=True)
def as_before():
    before = tf.config.optimizer.get_experimental_options()
    yield
    tf.config.optimizer.set_experimental_options({"dependency_optimization": True} | before)


def reads_in_no_order(method: str) -> list[str]:
    """Reads of a weight that may come before an update of it or after, as chance has it."""
    keras.utils.clear_session()
    spec = cases()[method]
    model = compiled(spec)
    batch = batch_of(model, data_for(spec))
    model.build_for(batch)
    model.optimizer.build(model.trainable_variables)
    context.context().enable_graph_collection()
    try:
        tf.function(lambda x, y: model.train_step((x, y)))(*batch)
        found = context.context().export_run_metadata().function_graphs
    finally:
        context.context().disable_graph_collection()
    graphs = [one.post_optimization_graph for one in found]
    return _in_no_order(max(graphs, key=lambda graph: len(graph.node)))


def _in_no_order(graph) -> list[str]:
    followers, uses = defaultdict(list), defaultdict(list)
    for node in graph.node:
        for name in node.input:
            followers[name.lstrip("^").split(":")[0]].append(node.name)
        if node.op == READ or node.op.startswith("Assign"):
            uses[node.input[0]].append(node)

    def after(name: str) -> set[str]:
        seen, waiting = {name}, [name]
        while waiting:
            new = set(followers[waiting.pop()]) - seen
            seen |= new
            waiting += new
        return seen

    pairs = [
        (read.name, update.name)
        for of_variable in uses.values()
        for read in of_variable
        if read.op == READ
        for update in of_variable
        if update.op != READ
    ]
    assert pairs
    return [one for one, other in pairs if other not in after(one) and one not in after(other)]


@pytest.mark.parametrize("method", ["ssl_gan", "simclr"])
def test_a_weight_is_read_before_it_is_updated(method: str) -> None:
    prepare_backend("cpu", seed=0)
    assert reads_in_no_order(method) == []


def test_with_the_optimisation_of_dependencies_it_is_not() -> None:
    """Negative control: when this fails, TensorFlow was mended, and the setting can go."""
    tf.config.optimizer.set_experimental_options({"dependency_optimization": True})
    assert reads_in_no_order("ssl_gan")

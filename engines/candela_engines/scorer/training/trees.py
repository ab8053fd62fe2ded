"""Boosted trees as an ONNX grade model: what `ranked` fits, in the form that `scorer.engine` runs.

The trees are written as they are, one output a bag; what turns a prediction into a score stands in the graph
in plain operators, so that any runtime gives the number and nothing of the training is needed to read it.

    root_b = Σ trees of bag b          −√(10 − s), s the simulated scale before it is held
    root   = mean over bags
    score  = 10 − root·|root|          with its sign turned, so that what lies above the best keeps its order
    spread = standard deviation over the bags of what each would say
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Group", "Tree", "below", "grade_model", "tree_of_lightgbm"]


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes 0 to K - 1, the root first. feature: (K,) int, −1 for a leaf. threshold: (K,) float32, a row goes
    left where its value is at most that. left, right: (K,) int, places of the branches. value: (K,) float32,
    of leaves.
    """

    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    value: npt.NDArray[np.float32]

    def predict(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """(P, N) float32 → (P,) float32: the plain walk that the ONNX model is checked against."""
        place = np.zeros(len(values), np.int64)
        while (inner := self.feature[place] >= 0).any():
            rows = np.flatnonzero(inner)
            node = place[rows]
            low = values[rows, self.feature[node]] <= self.threshold[node]
            place[rows] = np.where(low, self.left[node], self.right[node])
        return self.value[place]


def below(threshold: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """The largest float32 not above each float64: comparing float32 values with either gives the same."""
    exact = np.asarray(threshold, np.float64)
    rounded = exact.astype(np.float32)
    return np.where(rounded > exact, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def tree_of_lightgbm(root: Mapping[str, Any]) -> Tree:
    """A tree of LightGBM, from `dump_model()["tree_info"][i]["tree_structure"]`."""
    rows: list[tuple[int, float, int, int, float]] = []

    def put(node: Mapping[str, Any]) -> int:
        place = len(rows)
        rows.append((-1, 0.0, 0, 0, float(node.get("leaf_value", 0.0))))
        if "split_feature" in node:
            if node["decision_type"] != "<=":
                raise ValueError(f"a split by {node['decision_type']}: descriptors are numbers")
            left, right = put(node["left_child"]), put(node["right_child"])
            rows[place] = (int(node["split_feature"]), float(node["threshold"]), left, right, 0.0)
        return place

    put(root)
    feature, threshold, left, right, value = zip(*rows, strict=True)
    return Tree(
        np.array(feature, np.int64),
        below(threshold),
        np.array(left, np.int64),
        np.array(right, np.int64),
        np.array(value, np.float32),
    )


Group = tuple[float, Sequence[Tree]]
"""A base and the trees whose values are added to it."""


def grade_model(
    bags: Sequence[Group],
    descriptors: int,
    metadata: dict[str, str],
    *,
    faults: Mapping[str, Group] | None = None,
    known: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None = None,
) -> bytes:
    """The model's file. descriptors: N, how many the model takes.

    faults: by kind, the logit of its being there; output `faults` (n, K), in the order of the metadata's
    `candela.faults`. known: lowest and highest value of each descriptor, (N,), that the model was taught on;
    output `outside` (n, N) bool.
    """
    from onnx import TensorProto, checker, helper, numpy_helper

    weights = [numpy_helper.from_array(np.array(10, np.float32), "best")]
    outputs = [
        helper.make_tensor_value_info("score", TensorProto.FLOAT, ["n", 1]),
        helper.make_tensor_value_info("spread", TensorProto.FLOAT, ["n", 1]),
    ]
    nodes = [_ensemble(bags, "roots"), *_scores()]
    said = dict(metadata)
    if faults:
        nodes += [
            _ensemble(list(faults.values()), "logits"),
            helper.make_node("Sigmoid", ["logits"], ["faults"]),
        ]
        outputs.append(helper.make_tensor_value_info("faults", TensorProto.FLOAT, ["n", len(faults)]))
        said["candela.faults"] = ",".join(faults)
    if known is not None:
        low, high = (np.asarray(side, np.float32).reshape(1, descriptors) for side in known)
        weights += [numpy_helper.from_array(low, "lowest"), numpy_helper.from_array(high, "highest")]
        nodes += [
            helper.make_node("Less", ["descriptors", "lowest"], ["under"]),
            helper.make_node("Greater", ["descriptors", "highest"], ["over"]),
            helper.make_node("Or", ["under", "over"], ["outside"]),
        ]
        outputs.append(helper.make_tensor_value_info("outside", TensorProto.BOOL, ["n", descriptors]))
    taken = helper.make_tensor_value_info("descriptors", TensorProto.FLOAT, ["n", descriptors])
    graph = helper.make_graph(nodes, "grade", [taken], outputs, weights)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    helper.set_model_props(model, said)
    checker.check_model(model)
    return bytes(model.SerializeToString())


def _scores() -> list[Any]:
    """From the bags' roots to the score and how far the bags are apart."""
    from onnx import helper

    def score(root: str, name: str) -> list[Any]:
        return [
            helper.make_node("Abs", [root], [f"{name}_abs"]),
            helper.make_node("Mul", [root, f"{name}_abs"], [f"{name}_square"]),
            helper.make_node("Add", [f"{name}_square", "best"], [name]),
        ]

    return [
        helper.make_node("ReduceMean", ["roots"], ["root"], axes=[1], keepdims=1),
        *score("root", "score"),
        *score("roots", "said"),
        helper.make_node("ReduceMean", ["said"], ["mean_said"], axes=[1], keepdims=1),
        helper.make_node("Sub", ["said", "mean_said"], ["off"]),
        helper.make_node("Mul", ["off", "off"], ["off_square"]),
        helper.make_node("ReduceMean", ["off_square"], ["variance"], axes=[1], keepdims=1),
        helper.make_node("Sqrt", ["variance"], ["spread"]),
    ]


def _ensemble(groups: Sequence[Group], name: str) -> Any:
    """One node for all groups, an output each."""
    from onnx import helper

    flat: dict[str, list[Any]] = {key: [] for key in _NODE_KEYS + _LEAF_KEYS}
    number = 0
    for place, (_, trees) in enumerate(groups):
        for tree in trees:
            _append(flat, tree, number, place)
            number += 1
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["descriptors"],
        [name],
        domain="ai.onnx.ml",
        n_targets=len(groups),
        aggregate_function="SUM",
        post_transform="NONE",
        base_values=[float(base) for base, _ in groups],
        **flat,
    )


_NODE_KEYS = (
    "nodes_treeids",
    "nodes_nodeids",
    "nodes_featureids",
    "nodes_values",
    "nodes_modes",
    "nodes_truenodeids",
    "nodes_falsenodeids",
)
_LEAF_KEYS = ("target_treeids", "target_nodeids", "target_ids", "target_weights")


def _append(flat: dict[str, list[Any]], tree: Tree, number: int, bag: int) -> None:
    for place in range(len(tree.feature)):
        leaf = tree.feature[place] < 0
        row = (
            number,
            place,
            0 if leaf else int(tree.feature[place]),
            float(tree.threshold[place]),
            "LEAF" if leaf else "BRANCH_LEQ",
            int(tree.left[place]),
            int(tree.right[place]),
        )
        for key, value in zip(_NODE_KEYS, row, strict=True):
            flat[key].append(value)
        if leaf:
            for key, value in zip(_LEAF_KEYS, (number, place, bag, float(tree.value[place])), strict=True):
                flat[key].append(value)

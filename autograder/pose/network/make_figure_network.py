#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_figure_network.py FIGURE_C OUTPUT: the course's own pose network.

It finds the 17 coloured markers of the virtual camera's figure, whose colours
it reads from kmod/vcam/figure.c, and has MoveNet's input and heads, so that one
can stand for the other:

    image    1x3x192x192  R, G, B, 0 to 255, letterboxed
    heatmap  1x17x48x48   how likely joint k is in a cell of 4x4 pixels
    center   1x1x48x48    how likely the figure's middle is there
    regress  1x34x48x48   from the middle to joint k, in cells: y, then x
    offset   1x34x48x48   from the cell's corner to joint k, in cells: y, then x

Nothing is trained. Each weight follows from the colours and from the size of a
marker, and each step is explained below, so that a reader can follow a pixel
through the network. The file is the same, byte for byte, on each machine; a
test makes it anew and compares.

Opset 10 and IR 5, since OpenCV 4.6 refuses Clip of later ones.
"""
import math
import re
import sys

import onnx
from onnx import TensorProto, helper

JOINTS = 17
TORSO = (5, 6, 11, 12)  # shoulders and hips
SIDE = 192
CELLS = 48
RADIUS = 3.0  # of a marker in the network's pixels: vcam_draw_figure() makes it a 64th

# Where the joints are on the average, from the middle of the four of the torso,
# in cells (y, x) of the right side; the left is its mirror image. Only where
# the heatmap is in doubt does it matter: the decoder prefers a peak near it.
MEAN_POSE = {
    0: (-7.0, 0.0),
    1: (-8.5, 1.75), 2: (-8.5, -1.75),
    3: (-7.5, 3.5), 4: (-7.5, -3.5),
    5: (-3.5, 4.0), 6: (-3.5, -4.0),
    7: (-3.5, 8.5), 8: (-3.5, -8.5),
    9: (-3.5, 12.5), 10: (-3.5, -12.5),
    11: (3.5, 2.25), 12: (3.5, -2.25),
    13: (7.5, 3.0), 14: (7.5, -3.0),
    15: (11.0, 3.5), 16: (11.0, -3.5),
}


def rgb_of(y, u, v):
    """What a reader of YUYV makes of a colour: ITU-R BT.601, studio range."""
    luma = 1.164 * (y - 16)
    rgb = (luma + 1.596 * (v - 128), luma - 0.813 * (v - 128) - 0.391 * (u - 128),
           luma + 2.018 * (u - 128))
    return [min(max(round(each), 0), 255) for each in rgb]


def palette_of(figure_c):
    with open(figure_c, encoding="utf-8") as file:
        text = file.read()
    colours = re.findall(r"\[VCAM_\w+\] = \{ (\d+), (\d+), (\d+) \}", text)
    if len(colours) != JOINTS:
        sys.exit(f"{figure_c}: {len(colours)} colours instead of {JOINTS}")
    return [rgb_of(*map(int, colour)) for colour in colours]


class Graph:
    """Collects nodes and weights."""

    def __init__(self):
        self.nodes = []
        self.weights = []

    def add(self, operation, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operation, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name, shape, values):
        values = list(values)
        assert len(values) == math.prod(shape), name
        self.weights.append(helper.make_tensor(name, TensorProto.FLOAT, shape, values))
        return name

    def conv(self, source, output, shape, weights, bias, **attributes):
        """`shape` is outputs, inputs of each group, rows, columns."""
        return self.add("Conv", [source,
                                 self.constant(output + ".weight", shape, weights),
                                 self.constant(output + ".bias", shape[:1], bias)],
                        output, kernel_shape=shape[2:], **attributes)


def add_cover(graph, palette):
    """How much of each pixel is of joint k's colour: 0 to 1, in halves of the side.

    2 - 2 d^2 / r^2 for a colour at the distance d, cut off at 0 and 1: all of it
    up to 0.7 r, nothing from r on. d^2 = |p|^2 - 2 p c + |c|^2 is linear in the
    pixel's three values and their three squares. Half of the least distance
    between two colours is 63; what an edge blurs into stays 60 away.
    """
    reach = 48.0
    scale = 2.0 / reach ** 2
    graph.add("Mul", ["image", "image"], "squares")
    graph.add("Concat", ["image", "squares"], "colour", axis=1)
    weights, bias = [], []
    for colour in palette:
        weights += [2 * scale * each for each in colour] + 3 * [-scale]
        bias.append(2.0 - scale * sum(each ** 2 for each in colour))
    graph.conv("colour", "closeness", [JOINTS, 6, 1, 1], weights, bias)
    graph.add("Clip", ["closeness"], "cover", min=0.0, max=1.0)
    return graph.add("AveragePool", ["cover"], "halves", kernel_shape=[2, 2], strides=[2, 2])


# A cell is two halves wide. A window of eight halves has it in its middle.
WINDOW = 8
WINDOW_ATTRIBUTES = {"strides": [2, 2], "pads": [3, 3, 3, 3]}
PLACES = [(row - 3.5, column - 3.5) for row in range(WINDOW) for column in range(WINDOW)]


def add_heatmap(graph, source):
    """A window sees a marker best whose middle is in its own: a bell.

    A whole marker in the middle of a cell gives 1 before the sigmoid's scale,
    one at its corner 0.6; what is no marker, a blurred edge at most, some
    hundredths. So a marker's score is nearly 1, and that of nothing 0.01.
    """
    width = 1.6
    steepness, middle = 14.0, 0.33
    bell = [math.exp(-(y * y + x * x) / (2 * width ** 2)) for y, x in PLACES]
    whole = sum(weight for weight, (y, x) in zip(bell, PLACES) if math.hypot(y, x) <= RADIUS / 2)
    graph.conv(source, "evidence", [JOINTS, 1, WINDOW, WINDOW],
               JOINTS * [steepness * weight / whole for weight in bell],
               JOINTS * [-steepness * middle], group=JOINTS, **WINDOW_ATTRIBUTES)
    return graph.add("Sigmoid", ["evidence"], "heatmap")


def add_offset(graph, source):
    """The middle of all in the window that has the colour: a moment, over the whole."""
    moments = []
    for _ in range(JOINTS):
        moments += [y / 2 + 0.5 for y, x in PLACES]
        moments += [x / 2 + 0.5 for y, x in PLACES]
    attributes = {"group": JOINTS, **WINDOW_ATTRIBUTES}
    shape = [2 * JOINTS, 1, WINDOW, WINDOW]
    graph.conv(source, "moment", shape, moments, 2 * JOINTS * [0.0005], **attributes)
    # Where there is nothing, the middle of the cell: 0.0005 over 0.001.
    graph.conv(source, "whole", shape, len(moments) * [1.0], 2 * JOINTS * [0.001], **attributes)
    return graph.add("Div", ["moment", "whole"], "offset")


def add_center(graph, heatmap):
    """Each joint of the torso votes for where the middle is, seen from it: a bell again.

    A bell is the product of one in y and one in x, so it takes two kernels of
    a line each, which is a twentieth of the work of a square one.
    """
    reach, width = 8, 1.5
    steepness, middle = 16.0, 0.4
    size = 2 * reach + 1

    def bells(axis):
        # The joint at this place of the kernel is as far from the middle as it should be.
        return [math.exp(-(place - reach - MEAN_POSE[joint][axis]) ** 2 / (2 * width ** 2))
                for joint in TORSO for place in range(size)]

    count = len(TORSO)
    graph.conv(heatmap, "torso", [count, JOINTS, 1, 1],
               [float(joint == other) for joint in TORSO for other in range(JOINTS)],
               count * [0.0])
    graph.conv("torso", "votes_down", [count, 1, size, 1], bells(0), count * [0.0], group=count,
               pads=[reach, 0, reach, 0])
    graph.conv("votes_down", "votes_across", [count, 1, 1, size], bells(1), count * [0.0],
               group=count, pads=[0, reach, 0, reach])
    # A marker lights some four cells of its heatmap, and there are four joints.
    graph.conv("votes_across", "votes", [1, count, 1, 1], count * [steepness / 16],
               [-steepness * middle])
    return graph.add("Sigmoid", ["votes"], "center")


def add_regress(graph, heatmap):
    """The mean pose, wherever the middle is: weights of nothing, and a bias."""
    bias = [each for joint in range(JOINTS) for each in MEAN_POSE[joint]]
    return graph.conv(heatmap, "regress", [2 * JOINTS, JOINTS, 1, 1], 2 * JOINTS * JOINTS * [0.0],
                      bias)


def network(palette):
    graph = Graph()
    halves = add_cover(graph, palette)
    heads = [add_heatmap(graph, halves), add_center(graph, "heatmap"),
             add_regress(graph, "heatmap"), add_offset(graph, halves)]
    channels = {"heatmap": JOINTS, "center": 1, "regress": 2 * JOINTS, "offset": 2 * JOINTS}
    inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])]
    outputs = [helper.make_tensor_value_info(head, TensorProto.FLOAT,
                                             [1, channels[head], CELLS, CELLS])
               for head in heads]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "figure", inputs, outputs, graph.weights),
        producer_name="klass", opset_imports=[helper.make_opsetid("", 10)], ir_version=5)
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.splitlines()[0])
    contents = network(palette_of(sys.argv[1]))
    with open(sys.argv[2], "wb") as file:
        file.write(contents)


if __name__ == "__main__":
    main()

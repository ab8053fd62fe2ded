// A render as plain numbers: what the kernel of a device is given, with tables by their place in one block of memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "colour/exact.hpp"

namespace candela::plugin::gpu {

// Tables are blocks of words in a buffer; an offset counts words from its beginning.
struct CurveTable {
    int terms;  // 64 rows of 8 coefficients, the constant first; see candela::Curve
    int shift, first;
    float lowest, beyond, middle, at_zero;
    CurveFunction function;
};

// Nodes as pixels read them: of every column and row of the frame the node before it, and how far it is past it.
struct Grid {
    int nodes, width, height;  // those that are held …
    int left, top;             // … from this one on
    int columns, column_fractions, rows, row_fractions;
};

// A host's image; y counts up, as the host counts.
struct Picture {
    void* data;  // of pixel (x1, y1)
    std::ptrdiff_t row_bytes;
    int x1, y1, x2, y2;
    int sample;  // candela::Sample
    int channels;
};

struct Rectangle {
    int left, top, right, bottom;
};

// Codes of the host to those that the network is fed with: SdrInput::Steps.
struct InputSteps {
    bool any, to_light, to_signal, srgb_in, srgb_out, matrix;
    CurveTable light, signal;
    float by[9], scale, offset;
};

// The SDR's light, and what the network adds its output to.
struct Base {
    bool plain, srgb;
    float scale, shift;
    CurveTable light, code;
    float matrix[9], placed[9];  // over the unit of the domain; over 10000 nit
};

inline constexpr int most_layers = 5, most_features = 11, most_width = 128;

struct Network {
    int features, layers, width;  // width: floats from one row of weights to the next, at least that of every layer
    struct Layer {
        int inputs, outputs, weights, biases;
    } layer[most_layers];
    int weights, weight_count;  // all of them, in one piece
    int domain;                 // candela::Domain
    float offset, ceiling, highest;
    CurveTable nits, low_nits;

    int strength;  // of the dequantiser, in eighths of its step
    float full;    // of a sample, to a code over full scale
    double full_of_means;
    float step;    // one code, in samples
    Grid means[3];

    int channels, cell;  // of the plane; cell 0: read bilinearly
    int shares;          // of Shepard's nodes: 4 for every pixel of a cell
    float spread, to_output[9];
    Grid plane[3], plane_mean;
};

// The encoding of the output: candela::plugin::Encoding, and a matrix with its unit.
struct Output {
    int encoding;
    float matrix[9];
    CurveTable curve;       // of PQ, ACEScct, Intermediate, HLG
    CurveTable luminance;   // of HLG
};

struct Job {
    Picture source, target;
    Rectangle window;              // of the host: left, bottom, right, top
    int frame_left, frame_bottom, frame_width, frame_height;
    Rectangle needed;              // of the picture, y counting down: what is read of it
    bool whole;                    // integers are taken as they stand, as codes
    bool unpremultiply;
    int view;                      // candela::plugin::View
    int split;                     // the first column that is not SDR
    float strength;
    bool compares;                 // the SDR on 203 nit is asked for
    bool rolls_off;
    float floor, span, knee, top, knee_nits;
    float soft_from, certain;      // of Confidence
    InputSteps input;
    Base base;
    Network network;
    Output output;
    CurveTable pq_of_nits, nits_of_pq, nits_of_low_pq, srgb_light;
    float paint[9];                // sRGB's light to nits of BT.2020

    // In the processor's memory.
    const void* tables;
    std::size_t table_bytes;
    std::size_t scratch_floats;
    // Places in the scratch memory, in floats: R, G and B of what is needed, sums of 2x2 pixels, nodes of the means.
    std::size_t squares_at;
    int square_columns, square_rows;
};

// Where a kernel finds it all.
struct Memory {
    const float* tables;
    float* scratch;
};

}  // namespace candela::plugin::gpu

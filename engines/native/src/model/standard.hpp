// The `default` network of a payload, of a still or in time. Twin of candela_engines/itm: default_model.py, timed_model.py
// and keys.py.
#pragma once

#include <memory>
#include <vector>

#include "candela/frame.hpp"
#include "candela/payload.hpp"

namespace candela {

// A decoded default network: immutable. What of it moves in time is put in its place for a frame.
class Standard {
public:
    // Trouble (Kind::payload) for numbers out of bounds or streams that are not sound; (Kind::colour) as `sdr_colour`.
    explicit Standard(const Payload& payload);

    // Whether two frames can differ in their network.
    bool moves() const { return time_keys_ > 1 || plane_keys_ > 1; }

    // The layers and the plane at a place 0..1 of the shot.
    Layers layers_at(double place) const;
    GuidePlane plane_at(double place) const;

    const DefaultNetwork::Options& options() const { return options_; }

private:
    struct Layer {
        int inputs, outputs;
        std::vector<double> weights, biases;  // weights (inputs, outputs); of the first layer the features' alone
    };

    void read_layers(const Payload& payload, int bits, const std::vector<int>& sizes);
    void read_plane(const Payload& payload, int channels, int step);

    DefaultNetwork::Options options_;
    std::vector<Layer> layers_;
    std::vector<double> rows_;  // (keys of time - 1, width): what those after the first add to the first layer's bias
    int time_keys_ = 0, plane_keys_ = 0;  // 0 in stills, and without a plane
    GuidePlane plane_;                    // of a shot: its samples are those of all keys (height, width, keys)
};

}  // namespace candela

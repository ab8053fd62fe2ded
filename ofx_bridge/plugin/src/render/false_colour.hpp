// Made by `python -m candela_engines.colour.false_colour_header`; colour/false_colour.py tells what they are.
#pragma once

#include "draw/overlay.hpp"

namespace candela::plugin {

struct Band {
    float from;  // nits of max(R, G, B), which MaxCLL is of too
    const char* label;
    Colour colour;
};

inline constexpr Band all_bands[] = {
    {0.0f, "0 - 0.05", {24, 8, 48}},  // black
    {0.05f, "0.05 - 1", {88, 24, 168}},  // above the black of an LCD master
    {1.0f, "1 - 10", {40, 56, 216}},  // deep shadow
    {10.0f, "10 - 22", {0, 116, 168}},  // shadow, dark skin
    {22.0f, "22 - 31", {32, 160, 64}},  // grey card: 26 nit within a quarter of a stop
    {31.0f, "31 - 65", {104, 104, 104}},  // mid tones, medium skin
    {65.0f, "65 - 100", {236, 144, 168}},  // light skin
    {100.0f, "100 - 183", {172, 172, 172}},  // over SDR's peak, below white
    {183.0f, "183 - 224", {64, 228, 228}},  // graphics white: 203 nit within a tenth
    {224.0f, "224 - 400", {240, 228, 48}},  // highlights
    {400.0f, "400 - 600", {248, 156, 24}},  // highlights of a television
    {600.0f, "600 - 1000", {240, 88, 16}},  // highlights up to a 1000 nit master
    {1000.0f, "1000 - 2000", {208, 0, 32}},  // over 1000 nit
    {2000.0f, "2000 - 4000", {236, 48, 216}},  // over 2000 nit
    {4000.0f, "over 4000", {255, 255, 255}},  // over 4000 nit
};

}  // namespace candela::plugin

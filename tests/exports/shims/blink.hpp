// What a BlinkScript kernel takes from its host, as the language's guide describes it, for a C++ compiler.
#pragma once
#include <cmath>
#include <cstdint>

#define kernel struct
#define param public
#define local public
#define SampleType(image) float4

enum Iteration { ePixelWise, eComponentWise };
enum Access { eRead, eWrite };
enum Pattern { eAccessPoint, eAccessRandom };
enum Edges { eEdgeNone, eEdgeClamped, eEdgeConstant };
template <Iteration> struct ImageComputationKernel {
    template <class T> void defineParam(T& value, const char*, T initial) { value = initial; }
    void define() {}
};

struct int2 { int x, y; };
struct float4 {
    float x, y, z, w;
    float4() = default;
    float4(float a, float b, float c, float d) : x(a), y(b), z(c), w(d) {}
};

using std::cos, std::exp, std::fabs, std::floor, std::log, std::pow, std::sin, std::sqrt;
static inline float max(float a, float b) { return a > b ? a : b; }
static inline float min(float a, float b) { return a < b ? a : b; }

struct Bounds {
    int x1, y1, x2, y2;
};

// Rows from below; RGBA interleaved.
template <Access access, Pattern pattern = eAccessPoint, Edges edges = eEdgeNone> struct Image {
    float* samples = nullptr;
    Bounds bounds{};
    int x = 0, y = 0;
    float4* at(int px, int py) const {
        if (edges == eEdgeClamped) {
            px = px < 0 ? 0 : (px >= bounds.x2 ? bounds.x2 - 1 : px);
            py = py < 0 ? 0 : (py >= bounds.y2 ? bounds.y2 - 1 : py);
        }
        return reinterpret_cast<float4*>(samples) + static_cast<std::int64_t>(py) * bounds.x2 + px;
    }
    float4& operator()() const { return *at(x, y); }
    float4 operator()(int px, int py) const {
        static_assert(pattern == eAccessRandom || access == eWrite, "this image is read at its own place only");
        return *at(px, py);
    }
    float operator()(int px, int py, int channel) const {
        static_assert(pattern == eAccessRandom, "this image is read at its own place only");
        return (&at(px, py)->x)[channel];
    }
};

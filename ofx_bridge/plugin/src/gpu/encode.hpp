// Light to what the host asked for: strength, roll-off, views, encodings. As render/reconstruction.cpp does it by rows.
#pragma once

#include "curves.hpp"

namespace candela::plugin::gpu {

CANDELA_BOTH inline float pq_to_nits(const Job& job, const float* tables, float code) {
    if (code < job.nits_of_pq.lowest) {
        return curve_at(job.nits_of_low_pq, tables, code > 7.3e-7f ? code : 0.0f);
    }
    return curve_at(job.nits_of_pq, tables, code);
}

CANDELA_BOTH inline float bent(const Job& job, float code) {
    const float t = held(((code - job.floor) / job.span - job.knee) / (1 - job.knee), 0.0f, 1.0f), t2 = t * t, t3 = t2 * t;
    return ((2 * t3 - 3 * t2 + 1) * job.knee + (t3 - 2 * t2 + t) * (1 - job.knee) + (-2 * t3 + 3 * t2) * job.top) * job.span +
           job.floor;
}

// Light in nits, rolled off.
CANDELA_BOTH inline Rgb rolled_off(const Job& job, const float* tables, Rgb nits) {
    const float largest = larger(larger(nits.v[0], nits.v[1]), nits.v[2]);
    if (!job.rolls_off || !(largest >= job.knee_nits)) return nits;
    const float gain = pq_to_nits(job, tables, bent(job, curve_at(job.pq_of_nits, tables, largest))) / largest;
    for (float& v : nits.v) v *= gain;
    return nits;
}

// The same of PQ codes.
CANDELA_BOTH inline Rgb rolled_off_codes(const Job& job, const float* tables, Rgb codes) {
    const float largest = larger(larger(codes.v[0], codes.v[1]), codes.v[2]);
    if (!job.rolls_off || !(largest >= job.knee * job.span + job.floor)) return codes;
    const float gain = pq_to_nits(job, tables, bent(job, largest)) / pq_to_nits(job, tables, largest);
    for (float& v : codes.v) v = curve_at(job.pq_of_nits, tables, pq_to_nits(job, tables, v) * gain);
    return codes;
}

// candela::plugin::Encoding: PQ, HLG, nits, over 203 nit, ACEScg, ACEScct, Intermediate.
CANDELA_BOTH inline Rgb encoded(const Job& job, const float* tables, Rgb nits) {
    const Output& out = job.output;
    switch (out.encoding) {
        case 0:
            for (float& v : nits.v) v = curve_at(out.curve, tables, v);
            return nits;
        case 1: {
            // BT.2100-2 table 5 with note 5f; the inverse OOTF of BT.2408-7 6.2.
            const float over = 1.0f / 1000;
            const float y = std::fabs(0.2627f * (nits.v[0] * over) + 0.6780f * (nits.v[1] * over) + 0.0593f * (nits.v[2] * over));
            const float factor = curve_at(out.luminance, tables, y);
            for (float& v : nits.v) v = curve_at(out.curve, tables, v * (12.0f / 1000) * factor, true);
            return nits;
        }
        case 2: return nits;
        case 5:
        case 6: {
            const bool cct = out.encoding == 5;
            const float knee = static_cast<float>(cct ? exact::cct_knee : exact::di_linear);
            const float slope = static_cast<float>(cct ? exact::cct_slope : exact::di_m);
            const float offset = static_cast<float>(cct ? exact::cct_offset : 0.0);
            nits = times(out.matrix, nits);
            for (float& v : nits.v) v = v <= knee ? slope * v + offset : curve_at(out.curve, tables, v);
            return nits;
        }
        default: return times(out.matrix, nits);
    }
}

// sRGB codes, white on 203 nit, in the encoding.
CANDELA_BOTH inline Rgb painted(const Job& job, const float* tables, Rgb codes) {
    for (float& v : codes.v) v = curve_at(job.srgb_light, tables, v > 0 ? (v < 1 ? v : 1.0f) : 0.0f);
    return encoded(job, tables, times(job.paint, codes));
}

// How much of the light the SDR determines: render/confidence.cpp.
CANDELA_BOTH inline float confidence(const Job& job, const Rgb& codes, const Rgb& nits) {
    const float luminance[] = {0.2627f, 0.6780f, 0.0593f};
    float determined = 0, sum = 0;
    for (int c = 0; c < 3; ++c) {
        const float clipped = held((codes.v[c] - job.soft_from) / (2.0f / 255), 0.0f, 1.0f);
        const float all = at_least(1e-6f, nits.v[c]) * luminance[c], certain = job.certain * luminance[c];
        const float sure = certain < all ? certain : all;
        determined += all + clipped * (sure - all);
        sum += all;
    }
    return held(determined / sum, 0.0f, 1.0f);
}

CANDELA_BOTH inline Rgb invented(const Rgb& codes, float share) {
    const float grey = held((codes.v[0] + codes.v[1] + codes.v[2]) / 3, 0.0f, 1.0f) * 160 / 255;
    if (share < 0.9f) {
        if (share >= 0.5f) return {{1, 128.0f / 255, 32.0f / 255}};
        if (share >= 0.25f) return {{232.0f / 255, 48.0f / 255, 96.0f / 255}};
        if (share >= 0) return {{200.0f / 255, 32.0f / 255, 220.0f / 255}};
    } else if (share < 0.999f) {
        return {{0.5f * grey + 0.5f, 0.5f * grey + 107.0f / 255, 0.5f * grey + 32.0f / 255}};
    }
    return {{grey, grey, grey}};
}

}  // namespace candela::plugin::gpu

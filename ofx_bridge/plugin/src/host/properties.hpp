// Property sets, with an answer for what a host does not have.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "suites.hpp"

namespace candela::plugin {

class Properties {
public:
    explicit Properties(ofx::PropertySet set) : set_(set) {}

    ofx::PropertySet handle() const { return set_; }

    // Setting what a host does not know is no failure: properties came with the versions of the interface.
    void set(const char* name, const char* value, int index = 0) const {
        if (set_) suites().property->set_string(set_, name, index, value);
    }
    void set(const char* name, int value, int index = 0) const {
        if (set_) suites().property->set_int(set_, name, index, value);
    }
    void set(const char* name, double value, int index = 0) const {
        if (set_) suites().property->set_double(set_, name, index, value);
    }
    void set(const char* name, std::initializer_list<const char*> values) const {
        int index = 0;
        for (const char* value : values) set(name, value, index++);
    }
    void set_pointer(const char* name, void* value) const {
        if (set_) suites().property->set_pointer(set_, name, 0, value);
    }
    void set(const char* name, const ofx::RectD& r) const {
        const double v[] = {r.x1, r.y1, r.x2, r.y2};
        for (int i = 0; i < 4; ++i) set(name, v[i], i);
    }

    std::optional<std::string> text(const char* name, int index = 0) const {
        char* value = nullptr;
        if (!set_ || suites().property->get_string(set_, name, index, &value) != ofx::ok || !value) return {};
        return std::string(value);
    }
    std::optional<int> integer(const char* name, int index = 0) const {
        int value = 0;
        if (!set_ || suites().property->get_int(set_, name, index, &value) != ofx::ok) return {};
        return value;
    }
    std::optional<double> real(const char* name, int index = 0) const {
        double value = 0;
        if (!set_ || suites().property->get_double(set_, name, index, &value) != ofx::ok) return {};
        return value;
    }
    void* pointer(const char* name) const {
        void* value = nullptr;
        if (!set_ || suites().property->get_pointer(set_, name, 0, &value) != ofx::ok) return nullptr;
        return value;
    }
    // All four, or none.
    std::optional<ofx::RectI> rectangle(const char* name) const {
        int v[4];
        for (int i = 0; i < 4; ++i) {
            const auto value = integer(name, i);
            if (!value) return {};
            v[i] = *value;
        }
        return ofx::RectI{v[0], v[1], v[2], v[3]};
    }
    std::optional<ofx::RectD> real_rectangle(const char* name) const {
        double v[4];
        for (int i = 0; i < 4; ++i) {
            const auto value = real(name, i);
            if (!value) return {};
            v[i] = *value;
        }
        return ofx::RectD{v[0], v[1], v[2], v[3]};
    }

private:
    ofx::PropertySet set_;
};

}  // namespace candela::plugin

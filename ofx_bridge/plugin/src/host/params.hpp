// Parameters: describing them, and reading them at a time.
#pragma once

#include <span>
#include <string>

#include "properties.hpp"

namespace candela::plugin {

// Defines parameters of an effect in describeInContext. Hosts want ranges and display ranges of every number, and some
// crash on numbers of several dimensions: there are none.
class ParamDefiner {
public:
    explicit ParamDefiner(ofx::Effect effect);  // std::runtime_error where the host has no parameters to be defined

    void group(const char* name, const char* label, bool open);
    void choice(const char* name, const char* label, const char* hint, std::span<const char* const> options, int initial,
                const char* parent = nullptr);
    void real(const char* name, const char* label, const char* hint, double initial, double low, double high, double shown_low,
              double shown_high, const char* parent = nullptr);
    void integer(const char* name, const char* label, const char* hint, int initial, int low, int high, int shown_low,
                 int shown_high, const char* parent = nullptr);
    void boolean(const char* name, const char* label, const char* hint, bool initial, const char* parent = nullptr);
    void file(const char* name, const char* label, const char* hint, const char* parent = nullptr);
    // A text that the effect writes and the user reads. Pictures do not depend on it.
    void information(const char* name, const char* label, const char* hint, const char* parent = nullptr);

private:
    Properties define(const char* type, const char* name, const char* label, const char* hint, const char* parent);
    ofx::ParamSet set_ = nullptr;
};

// Parameters of an instance. Hosts keep the handles for its whole life.
class ParamReader {
public:
    explicit ParamReader(ofx::Effect effect);

    int integer(const char* name, ofx::Time time, int otherwise) const;
    double real(const char* name, ofx::Time time, double otherwise) const;
    bool boolean(const char* name, ofx::Time time, bool otherwise) const { return integer(name, time, otherwise) != 0; }
    std::string text(const char* name, ofx::Time time) const;
    // Only in InstanceChanged: nowhere else do hosts take values from effects.
    void set_text(const char* name, const std::string& value) const;

private:
    ofx::Param handle(const char* name) const;
    ofx::ParamSet set_ = nullptr;
};

}  // namespace candela::plugin

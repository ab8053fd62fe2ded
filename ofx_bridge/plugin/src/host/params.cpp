// Parameters by the parameter suite, version 1.
#include "params.hpp"

#include <stdexcept>

namespace candela::plugin {

ParamDefiner::ParamDefiner(ofx::Effect effect) {
    if (suites().effect->get_param_set(effect, &set_) != ofx::ok || !set_) {
        throw std::runtime_error("the host lets an effect have no parameters");
    }
}

Properties ParamDefiner::define(const char* type, const char* name, const char* label, const char* hint, const char* parent) {
    ofx::PropertySet properties = nullptr;
    if (suites().parameter->define(set_, type, name, &properties) != ofx::ok) {
        throw std::runtime_error(std::string("the host takes no parameter ") + name);
    }
    const Properties out(properties);
    out.set(ofx::prop::label, label);
    out.set(ofx::prop::short_label, label);
    out.set(ofx::prop::long_label, label);
    if (hint) out.set(ofx::prop::hint, hint);
    if (parent) out.set(ofx::prop::parent, parent);
    return out;
}

void ParamDefiner::group(const char* name, const char* label, bool open) {
    define(ofx::type::group, name, label, nullptr, nullptr).set(ofx::prop::group_open, open ? 1 : 0);
}

void ParamDefiner::choice(const char* name, const char* label, const char* hint, std::span<const char* const> options,
                          int initial, const char* parent) {
    const Properties of = define(ofx::type::choice, name, label, hint, parent);
    int index = 0;
    for (const char* option : options) of.set(ofx::prop::choice_option, option, index++);
    of.set(ofx::prop::default_value, initial);
    of.set(ofx::prop::animates, 0);
}

void ParamDefiner::real(const char* name, const char* label, const char* hint, double initial, double low, double high,
                        double shown_low, double shown_high, const char* parent) {
    const Properties of = define(ofx::type::real, name, label, hint, parent);
    of.set(ofx::prop::double_type, ofx::value::plain_double);
    of.set(ofx::prop::default_value, initial);
    of.set(ofx::prop::min, low);
    of.set(ofx::prop::max, high);
    of.set(ofx::prop::display_min, shown_low);
    of.set(ofx::prop::display_max, shown_high);
}

void ParamDefiner::integer(const char* name, const char* label, const char* hint, int initial, int low, int high, int shown_low,
                           int shown_high, const char* parent) {
    const Properties of = define(ofx::type::integer, name, label, hint, parent);
    of.set(ofx::prop::default_value, initial);
    of.set(ofx::prop::min, low);
    of.set(ofx::prop::max, high);
    of.set(ofx::prop::display_min, shown_low);
    of.set(ofx::prop::display_max, shown_high);
}

void ParamDefiner::boolean(const char* name, const char* label, const char* hint, bool initial, const char* parent) {
    const Properties of = define(ofx::type::boolean, name, label, hint, parent);
    of.set(ofx::prop::default_value, initial ? 1 : 0);
    of.set(ofx::prop::animates, 0);
}

void ParamDefiner::file(const char* name, const char* label, const char* hint, const char* parent) {
    const Properties of = define(ofx::type::string, name, label, hint, parent);
    of.set(ofx::prop::string_mode, ofx::value::file);
    // A pattern of a sequence is the name of no file.
    of.set(ofx::prop::file_exists, 0);
    of.set(ofx::prop::default_value, "");
    of.set(ofx::prop::animates, 0);
}

void ParamDefiner::information(const char* name, const char* label, const char* hint, const char* parent) {
    const Properties of = define(ofx::type::string, name, label, hint, parent);
    of.set(ofx::prop::string_mode, ofx::value::multi_line);
    of.set(ofx::prop::default_value, "");
    of.set(ofx::prop::animates, 0);
    of.set(ofx::prop::enabled, 0);
    of.set(ofx::prop::evaluate_on_change, 0);
}

ParamReader::ParamReader(ofx::Effect effect) {
    if (suites().effect->get_param_set(effect, &set_) != ofx::ok) set_ = nullptr;
}

ofx::Param ParamReader::handle(const char* name) const {
    ofx::Param out = nullptr;
    if (!set_ || suites().parameter->get_handle(set_, name, &out, nullptr) != ofx::ok) return nullptr;
    return out;
}

int ParamReader::integer(const char* name, ofx::Time time, int otherwise) const {
    int value = otherwise;
    const ofx::Param param = handle(name);
    if (!param || suites().parameter->get_value_at_time(param, time, &value) != ofx::ok) return otherwise;
    return value;
}

double ParamReader::real(const char* name, ofx::Time time, double otherwise) const {
    double value = otherwise;
    const ofx::Param param = handle(name);
    if (!param || suites().parameter->get_value_at_time(param, time, &value) != ofx::ok) return otherwise;
    return value;
}

std::string ParamReader::text(const char* name, ofx::Time time) const {
    char* value = nullptr;
    const ofx::Param param = handle(name);
    if (!param || suites().parameter->get_value_at_time(param, time, &value) != ofx::ok || !value) return {};
    return value;
}

void ParamReader::set_text(const char* name, const std::string& value) const {
    if (const ofx::Param param = handle(name)) suites().parameter->set_value(param, value.c_str());
}

}  // namespace candela::plugin

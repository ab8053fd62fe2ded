// The parameter suite, and what a plugin may do with it in which action.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "changes.hpp"
#include "effect.hpp"
#include "report.hpp"
#include "schema.hpp"

namespace host {
namespace {

bool in(std::initializer_list<const char*> actions) {
    return std::any_of(actions.begin(), actions.end(), [](const char* one) { return scope().action == one; });
}

Parameter* parameter_of(abi::Parameter handle) {
    auto* parameter = from<Parameter>(handle, Kind::parameter);
    if (parameter == nullptr) report().violation("the handle of a parameter is null or dead");
    return parameter;
}

ParameterSet* set_of(abi::Parameters handle) {
    auto* set = from<ParameterSet>(handle, Kind::parameters);
    if (set == nullptr) report().violation("the handle of a parameter set is null or dead");
    return set;
}

abi::Status define(abi::Parameters handle, const char* type, const char* name, abi::Properties* properties) {
    called("paramDefine");
    ParameterSet* set = set_of(handle);
    if (set == nullptr) return abi::bad_handle;
    const Profile& profile = set->owner().profile();
    if (!in({"OfxImageEffectActionDescribeInContext"})) {
        report().violation(std::string("parameter ") + name + " is defined outside DescribeInContext");
        return abi::failed;
    }
    if (!profile.integer_vectors &&
        (std::string(type) == "OfxParamTypeInteger2D" || std::string(type) == "OfxParamTypeInteger3D")) {
        report().violation(std::string("parameter ") + name + " is of a type that crashes this host: " + type);
        return abi::unsupported;
    }
    if (set->find(name) != nullptr) {
        report().violation(std::string("parameter ") + name + " is defined twice");
        return abi::exists;
    }
    auto parameter = std::make_unique<Parameter>(name, type, set->owner());
    if (!fill_parameter(parameter->properties(), type, name, profile)) {
        if (std::string(type) != "OfxParamTypeStrChoice" && std::string(type) != "OfxParamTypeParametric" &&
            std::string(type) != "OfxParamTypeBytes") {
            report().violation(std::string("parameter ") + name + " has a type that is none: " + type);
        }
        return abi::unknown;
    }
    Parameter& added = set->add(std::move(parameter));
    if (properties != nullptr) *properties = added.properties().handle();
    return abi::ok;
}

abi::Status get_handle(abi::Parameters handle, const char* name, abi::Parameter* parameter,
                       abi::Properties* properties) {
    called("paramGetHandle");
    ParameterSet* set = set_of(handle);
    if (set == nullptr) return abi::bad_handle;
    if (!set->owner().instance()) report().violation(std::string("paramGetHandle of ") + name + " on a description");
    Parameter* found = set->find(name);
    if (found == nullptr) return abi::unknown;
    if (parameter != nullptr) *parameter = to<abi::Parameter>(found);
    if (properties != nullptr) *properties = found->properties().handle();
    return abi::ok;
}

abi::Status set_properties(abi::Parameters handle, abi::Properties* properties) {
    called("paramSetGetPropertySet");
    ParameterSet* set = set_of(handle);
    if (set == nullptr) return abi::bad_handle;
    *properties = set->owner().properties().handle();
    return abi::ok;
}

abi::Status properties_of(abi::Parameter handle, abi::Properties* properties) {
    called("paramGetPropertySet");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    *properties = parameter->properties().handle();
    return abi::ok;
}

abi::Status get(abi::Parameter handle, ...) {
    called("paramGetValue");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    if (in({"OfxImageEffectActionRender"})) {
        report().violation("paramGetValue of " + parameter->name() + ": Render asks for values at its time");
    }
    std::va_list to;
    va_start(to, handle);
    const abi::Status status = parameter->read(to, parameter->owner().time);
    va_end(to);
    return status;
}

abi::Status get_at(abi::Parameter handle, double time, ...) {
    called("paramGetValueAtTime");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    std::va_list to;
    va_start(to, time);
    const abi::Status status = parameter->read(to, time);
    va_end(to);
    return status;
}

// By differences over a hundredth of a frame: what the suite promises for numbers of doubles alone.
abi::Status derivative(abi::Parameter handle, double time, ...) {
    called("paramGetDerivative");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    if (!is_real(parameter->type())) return abi::unsupported;
    Content before, after;
    const Content& a = parameter->at(time - 0.005, before);
    const Content& b = parameter->at(time + 0.005, after);
    std::va_list to;
    va_start(to, time);
    for (std::size_t i = 0; i < a.real.size(); ++i) *va_arg(to, double*) = (b.real[i] - a.real[i]) / 0.01;
    va_end(to);
    return abi::ok;
}

abi::Status integral(abi::Parameter handle, double first, double last, ...) {
    called("paramGetIntegral");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    if (!is_real(parameter->type())) return abi::unsupported;
    constexpr int steps = 1000;
    std::vector<double> sums(static_cast<std::size_t>(numbers_of(parameter->type())), 0);
    for (int s = 0; s < steps; ++s) {
        Content buffer;
        const Content& at = parameter->at(first + (last - first) * (s + 0.5) / steps, buffer);
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += at.real[i] * (last - first) / steps;
    }
    std::va_list to;
    va_start(to, last);
    for (const double sum : sums) *va_arg(to, double*) = sum;
    va_end(to);
    return abi::ok;
}

bool may_set(const Parameter& parameter) {
    if (in({"OfxActionInstanceChanged", "OfxActionBeginInstanceChanged", "OfxActionEndInstanceChanged",
            "OfxActionSyncPrivateData"})) {
        return true;
    }
    report().violation("sets parameter " + parameter.name() + " in an action where values may not be set");
    return false;
}

abi::Status set(abi::Parameter handle, ...) {
    called("paramSetValue");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    if (!may_set(*parameter)) return abi::failed;
    Content content;
    std::va_list from;
    va_start(from, handle);
    const abi::Status status = parameter->take(from, content);
    va_end(from);
    if (status == abi::ok) {
        parameter->set(std::move(content));
        plugin_changed(*parameter);
    }
    return status;
}

abi::Status set_at(abi::Parameter handle, double time, ...) {
    called("paramSetValueAtTime");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    if (!may_set(*parameter)) return abi::failed;
    Content content;
    std::va_list from;
    va_start(from, time);
    const abi::Status status = parameter->take(from, content);
    va_end(from);
    if (status == abi::ok) {
        parameter->set_at(time, std::move(content));
        plugin_changed(*parameter);
    }
    return status;
}

abi::Status key_count(abi::Parameter handle, unsigned int* count) {
    called("paramGetNumKeys");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    *count = static_cast<unsigned int>(parameter->keys().size());
    return abi::ok;
}

abi::Status key_time(abi::Parameter handle, unsigned int nth, double* time) {
    called("paramGetKeyTime");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    if (nth >= parameter->keys().size()) return abi::bad_index;
    *time = std::next(parameter->keys().begin(), nth)->first;
    return abi::ok;
}

abi::Status key_index(abi::Parameter handle, double time, int direction, int* index) {
    called("paramGetKeyIndex");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    auto& keys = parameter->keys();
    auto at = direction == 0 ? keys.find(time) : direction > 0 ? keys.upper_bound(time) : keys.lower_bound(time);
    if (direction < 0) at = at == keys.begin() ? keys.end() : std::prev(at);
    if (at == keys.end()) return abi::failed;
    *index = static_cast<int>(std::distance(keys.begin(), at));
    return abi::ok;
}

abi::Status delete_key(abi::Parameter handle, double time) {
    called("paramDeleteKey");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    if (parameter->keys().erase(time) == 0) return abi::bad_index;
    parameter->keys_changed();
    return abi::ok;
}

abi::Status delete_keys(abi::Parameter handle) {
    called("paramDeleteAllKeys");
    Parameter* parameter = parameter_of(handle);
    if (parameter == nullptr) return abi::bad_handle;
    parameter->keys().clear();
    parameter->keys_changed();
    return abi::ok;
}

abi::Status copy(abi::Parameter to_handle, abi::Parameter from_handle, double offset, const abi::RangeD* range) {
    called("paramCopy");
    Parameter* target = parameter_of(to_handle);
    Parameter* source = parameter_of(from_handle);
    if (target == nullptr || source == nullptr) return abi::bad_handle;
    if (!target->owner().profile().parameter_copy) return abi::ok;  // such hosts say so and do nothing
    if (target->type() != source->type()) return abi::bad_value;
    if (!may_set(*target)) return abi::failed;
    target->set(source->constant());
    for (const auto& [time, content] : source->keys()) {
        if (range == nullptr || (time >= range->min && time <= range->max)) target->set_at(time + offset, content);
    }
    plugin_changed(*target);
    return abi::ok;
}

abi::Status edit_begin(abi::Parameters handle, const char*) {
    called("paramEditBegin");
    ParameterSet* set = set_of(handle);
    if (set == nullptr) return abi::bad_handle;
    ++set->edits;
    return abi::ok;
}

abi::Status edit_end(abi::Parameters handle) {
    called("paramEditEnd");
    ParameterSet* set = set_of(handle);
    if (set == nullptr) return abi::bad_handle;
    if (--set->edits < 0) report().violation("paramEditEnd without paramEditBegin");
    return abi::ok;
}

}  // namespace

const abi::ParameterSuite& parameter_suite() {
    static const abi::ParameterSuite suite{
        define, get_handle, set_properties, properties_of, get,        get_at,      derivative, integral,   set,
        set_at, key_count,  key_time,       key_index,     delete_key, delete_keys, copy,       edit_begin, edit_end};
    return suite;
}

}  // namespace host

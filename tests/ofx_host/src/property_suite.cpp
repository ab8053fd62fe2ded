// The property suite: statuses as the specification has them, and a violation where a plugin leaves it.
#include <cstring>
#include <string>

#include "properties.hpp"
#include "report.hpp"

namespace host {
namespace {

constexpr const char* names[] = {"pointer", "string", "double", "int"};

template <class T>
constexpr Type type_of() {
    if constexpr (std::is_same_v<T, void*>) return Type::pointer;
    else if constexpr (std::is_same_v<T, std::string>) return Type::string;
    else if constexpr (std::is_same_v<T, double>) return Type::real;
    else return Type::integer;
}

std::string told(const PropertySet& set, const char* name) { return std::string(name) + " of " + set.what(); }

PropertySet* set_of(abi::Properties handle, const char* name) {
    auto* set = from<PropertySet>(handle, Kind::properties);
    if (set == nullptr) {
        report().violation(std::string("property ") + (name == nullptr ? "(null)" : name) + " asked of " +
                           (handle == nullptr ? "a null handle" : "a handle that is not a living property set"));
    }
    return set;
}

// The entry that the plugin may write `count` values from `first` on into.
abi::Status writable(PropertySet* set, const char* name, Type type, int first, int count, PropertySet::Entry*& entry) {
    if (set == nullptr || name == nullptr) return abi::bad_handle;
    entry = set->find(name);
    if (entry == nullptr) {
        report().violation("writes " + told(*set, name) + ", which the specification does not know there");
        return abi::unknown;
    }
    if (entry->rule.absent) return abi::unknown;  // known, but not to this host: plugins must live with it
    if (entry->rule.type != type) {
        report().violation("writes a " + std::string(names[static_cast<int>(type)]) + " into " + told(*set, name) +
                           ", a " + names[static_cast<int>(entry->rule.type)]);
        return abi::bad_value;
    }
    if (!entry->rule.written) {
        report().violation("writes " + told(*set, name) + ", which is the host's");
        return abi::unknown;
    }
    const auto size = static_cast<int>(entry->values.size());
    const bool outside = entry->rule.dimension > 0 ? first + count > entry->rule.dimension : first > size;
    if (first < 0 || count < 0 || outside) {
        report().violation("writes index " + std::to_string(first + count - 1) + " of " + told(*set, name) +
                           ", which has " + std::to_string(size));
        return abi::bad_index;
    }
    return abi::ok;
}

template <class T, class Given>
abi::Status write(abi::Properties handle, const char* name, int first, int count, const Given* given, bool whole) {
    called("a property");
    PropertySet* set = set_of(handle, name);
    PropertySet::Entry* entry = nullptr;
    const abi::Status status = writable(set, name, type_of<T>(), first, count, entry);
    if (status != abi::ok) return status;
    if (entry->rule.dimension == 0) {
        auto size = static_cast<std::size_t>(first + count);
        if (whole || entry->values.size() < size) entry->values.resize(size, T());
    }
    for (int i = 0; i < count; ++i) {
        if constexpr (std::is_same_v<T, std::string>) {
            if (given[i] == nullptr) {
                report().violation("writes a null string into " + told(*set, name));
                return abi::bad_value;
            }
        }
        entry->values[static_cast<std::size_t>(first + i)] = T(given[i]);
    }
    entry->touched = true;
    return abi::ok;
}

template <class T, class Asked>
abi::Status read(abi::Properties handle, const char* name, int first, int count, Asked* asked) {
    called("a property");
    PropertySet* set = set_of(handle, name);
    if (set == nullptr || name == nullptr) return abi::bad_handle;
    PropertySet::Entry* entry = set->find(name);
    if (entry == nullptr || entry->rule.absent) return abi::unknown;
    if (entry->rule.type != type_of<T>()) {
        report().violation("reads a " + std::string(names[static_cast<int>(type_of<T>())]) + " from " +
                           told(*set, name) + ", a " + names[static_cast<int>(entry->rule.type)]);
        return abi::unknown;
    }
    if (first < 0 || count < 0 || first + count > static_cast<int>(entry->values.size())) {
        report().violation("reads index " + std::to_string(first + count - 1) + " of " + told(*set, name) +
                           ", which has " + std::to_string(entry->values.size()));
        return abi::bad_index;
    }
    for (int i = 0; i < count; ++i) {
        T& value = std::get<T>(entry->values[static_cast<std::size_t>(first + i)]);
        if constexpr (std::is_same_v<T, std::string>) asked[i] = value.data();
        else asked[i] = value;
    }
    return abi::ok;
}

abi::Status reset(abi::Properties handle, const char* name) {
    called("propReset");
    PropertySet* set = set_of(handle, name);
    PropertySet::Entry* entry = nullptr;
    if (set == nullptr || name == nullptr) return abi::bad_handle;
    entry = set->find(name);
    if (entry == nullptr || entry->rule.absent) return abi::unknown;
    if (!entry->rule.written) {
        report().violation("resets " + told(*set, name) + ", which is the host's");
        return abi::unknown;
    }
    entry->values = entry->initial;
    entry->touched = false;
    return abi::ok;
}

abi::Status dimension(abi::Properties handle, const char* name, int* count) {
    called("propGetDimension");
    const PropertySet* set = set_of(handle, name);
    if (set == nullptr || name == nullptr) return abi::bad_handle;
    const PropertySet::Entry* entry = set->find(name);
    if (entry == nullptr || entry->rule.absent) return abi::unknown;
    *count = static_cast<int>(entry->values.size());
    return abi::ok;
}

template <class T, class Given>
abi::Status set_one(abi::Properties handle, const char* name, int index, Given value) {
    return write<T>(handle, name, index, 1, &value, false);
}

template <class T, class Given>
abi::Status set_all(abi::Properties handle, const char* name, int count, const Given* values) {
    return write<T>(handle, name, 0, count, values, true);
}

template <class T, class Asked>
abi::Status get_one(abi::Properties handle, const char* name, int index, Asked* value) {
    return read<T>(handle, name, index, 1, value);
}

template <class T, class Asked>
abi::Status get_all(abi::Properties handle, const char* name, int count, Asked* values) {
    return read<T>(handle, name, 0, count, values);
}

using Text = std::string;

}  // namespace

const abi::PropertySuite& property_suite() {
    static const abi::PropertySuite suite{set_one<void*, void*>,
                                          set_one<Text, const char*>,
                                          set_one<double, double>,
                                          set_one<int, int>,
                                          set_all<void*, void*>,
                                          set_all<Text, const char*>,
                                          set_all<double, double>,
                                          set_all<int, int>,
                                          get_one<void*, void*>,
                                          get_one<Text, char*>,
                                          get_one<double, double>,
                                          get_one<int, int>,
                                          get_all<void*, void*>,
                                          get_all<Text, char*>,
                                          get_all<double, double>,
                                          get_all<int, int>,
                                          reset,
                                          dimension};
    return suite;
}

}  // namespace host

#include "properties.hpp"

#include <stdexcept>

namespace host {
namespace {

Value nothing(Type type) {
    switch (type) {
        case Type::pointer:
            return static_cast<void*>(nullptr);
        case Type::string:
            return std::string();
        case Type::real:
            return 0.0;
        default:
            return 0;
    }
}

}  // namespace

void PropertySet::add(const std::string& name, Rule rule) {
    Entry entry{rule, {}, {}, false};
    entry.values.assign(static_cast<std::size_t>(rule.dimension), nothing(rule.type));
    entry.initial = entry.values;
    entries_[name] = std::move(entry);
}

bool PropertySet::has(const std::string& name) const {
    const Entry* entry = find(name);
    return entry != nullptr && !entry->rule.absent;
}

PropertySet::Entry* PropertySet::find(const std::string& name) {
    const auto at = entries_.find(name);
    return at == entries_.end() ? nullptr : &at->second;
}

const PropertySet::Entry* PropertySet::find(const std::string& name) const {
    return const_cast<PropertySet*>(this)->find(name);
}

void PropertySet::put(const std::string& name, std::vector<Value> values, bool initial) {
    Entry* entry = find(name);
    if (entry == nullptr) throw std::logic_error(what_ + " has no property " + name);
    for (const Value& value : values) {
        if (value.index() != static_cast<std::size_t>(entry->rule.type)) {
            throw std::logic_error(what_ + ": type of " + name);
        }
    }
    if (initial) entry->initial = values;
    entry->values = std::move(values);
}

std::string PropertySet::text(const std::string& name, std::size_t index) const {
    const Entry* entry = find(name);
    return entry != nullptr && index < entry->values.size() ? std::get<std::string>(entry->values[index]) : "";
}

int PropertySet::integer(const std::string& name, std::size_t index) const {
    const Entry* entry = find(name);
    return entry != nullptr && index < entry->values.size() ? std::get<int>(entry->values[index]) : 0;
}

double PropertySet::real(const std::string& name, std::size_t index) const {
    const Entry* entry = find(name);
    return entry != nullptr && index < entry->values.size() ? std::get<double>(entry->values[index]) : 0;
}

std::vector<std::string> PropertySet::texts(const std::string& name) const {
    std::vector<std::string> all;
    const Entry* entry = find(name);
    if (entry == nullptr) return all;
    for (const Value& value : entry->values) all.push_back(std::get<std::string>(value));
    return all;
}

bool PropertySet::touched(const std::string& name) const {
    const Entry* entry = find(name);
    return entry != nullptr && entry->touched;
}

void PropertySet::protect(bool (*may_write)(const std::string& name)) {
    for (auto& [name, entry] : entries_) {
        entry.rule.written = may_write(name);
        entry.initial = entry.values;
        entry.touched = false;
    }
}

}  // namespace host

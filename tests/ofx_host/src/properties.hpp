// Property sets: what the specification says each has, of which type and size, and who may write it.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "abi.hpp"
#include "handles.hpp"

namespace host {

enum class Type { pointer, string, real, integer };
using Value = std::variant<void*, std::string, double, int>;

struct Rule {
    Type type;
    int dimension;        // 0: any
    bool written = true;  // by the plugin
    bool absent = false;  // in the specification, but not in this host
};

class PropertySet : public Handle {
public:
    struct Entry {
        Rule rule;
        std::vector<Value> values, initial;
        bool touched = false;  // by the plugin
    };

    explicit PropertySet(std::string what) : Handle(Kind::properties), what_(std::move(what)) {}

    const std::string& what() const { return what_; }
    void add(const std::string& name, Rule rule);
    void remove(const std::string& name) { entries_.erase(name); }
    void put_absent(const std::string& name) { entries_.at(name).rule.absent = true; }
    bool has(const std::string& name) const;
    Entry* find(const std::string& name);
    const Entry* find(const std::string& name) const;
    const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }

    // The host's own writing and reading; a name that the set lacks is a mistake of this program.
    void put(const std::string& name, std::vector<Value> values, bool initial = true);
    void put(const std::string& name, const std::string& value) { put(name, std::vector<Value>{value}); }
    void put(const std::string& name, const char* value) { put(name, std::string(value)); }
    void put(const std::string& name, int value) { put(name, std::vector<Value>{value}); }
    void put(const std::string& name, double value) { put(name, std::vector<Value>{value}); }
    void put(const std::string& name, void* value) { put(name, std::vector<Value>{value}); }
    std::string text(const std::string& name, std::size_t index = 0) const;
    int integer(const std::string& name, std::size_t index = 0) const;
    double real(const std::string& name, std::size_t index = 0) const;
    std::vector<std::string> texts(const std::string& name) const;
    bool touched(const std::string& name) const;

    // Where only what an instance's owner may change stays writable.
    void protect(bool (*may_write)(const std::string& name));

    abi::Properties handle() { return to<abi::Properties>(this); }

protected:
    void empty() override { entries_.clear(); }

private:
    std::string what_;
    std::map<std::string, Entry, std::less<>> entries_;
};

const abi::PropertySuite& property_suite();

}  // namespace host

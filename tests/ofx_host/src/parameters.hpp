// Parameters of effects: their values, constant or by key frames.
#pragma once

#include <cstdarg>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "handles.hpp"
#include "profile.hpp"
#include "properties.hpp"

namespace host {

class Effect;

struct Content {
    std::vector<int> whole;
    std::vector<double> real;
    std::string text;
};

class Parameter : public Handle {
public:
    Parameter(std::string name, std::string type, Effect& owner);

    const std::string& name() const { return name_; }
    const std::string& type() const { return type_; }
    Effect& owner() { return owner_; }
    PropertySet& properties() { return *properties_; }
    const PropertySet& properties() const { return *properties_; }

    // The value of the descriptor's default.
    void to_default();
    // At a time: of the keys, if there are any. Texts of whole numbers and choices step, real numbers go linearly.
    const Content& at(double time, Content& buffer) const;
    void set(Content content);
    void set_at(double time, Content content);
    std::map<double, Content>& keys() { return keys_; }
    const Content& constant() const { return content_; }
    void keys_changed();

    // From text, numbers apart by commas; a choice also by the name of its option. Throws std::invalid_argument.
    Content parse(const std::string& text) const;
    std::string print(const Content& content) const;

    // As the suite passes them.
    abi::Status read(std::va_list& to, double time) const;
    abi::Status take(std::va_list& from, Content& content) const;

protected:
    void empty() override;

private:
    std::string name_, type_;
    Effect& owner_;
    std::unique_ptr<PropertySet> properties_;
    Content content_;
    std::map<double, Content> keys_;
};

class ParameterSet : public Handle {
public:
    explicit ParameterSet(Effect& owner) : Handle(Kind::parameters), owner_(owner) {}

    Effect& owner() { return owner_; }
    Parameter* find(const std::string& name);
    Parameter& add(std::unique_ptr<Parameter> parameter);
    const std::vector<std::unique_ptr<Parameter>>& all() const { return all_; }
    int edits = 0;  // paramEditBegin without its end

protected:
    void empty() override;

private:
    Effect& owner_;
    std::vector<std::unique_ptr<Parameter>> all_;
};

const abi::ParameterSuite& parameter_suite();

}  // namespace host

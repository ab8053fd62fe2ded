#include "parameters.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "effect.hpp"
#include "schema.hpp"

namespace host {

Parameter::Parameter(std::string name, std::string type, Effect& owner)
    : Handle(Kind::parameter),
      name_(std::move(name)),
      type_(std::move(type)),
      owner_(owner),
      properties_(std::make_unique<PropertySet>("parameter " + name_)) {}

void Parameter::empty() {
    retire(std::move(properties_));
    keys_.clear();
    content_ = {};
}

void Parameter::to_default() {
    Content content;
    const auto* entry = properties_->find("OfxParamPropDefault");
    if (entry != nullptr) {
        for (const Value& value : entry->values) {
            if (is_whole(type_)) content.whole.push_back(std::get<int>(value));
            else if (is_real(type_)) content.real.push_back(std::get<double>(value));
            else content.text = std::get<std::string>(value);
        }
    }
    set(std::move(content));
}

const Content& Parameter::at(double time, Content& buffer) const {
    if (keys_.empty()) return content_;
    const auto after = keys_.upper_bound(time);
    if (after == keys_.begin()) return after->second;
    const auto before = std::prev(after);
    if (after == keys_.end() || !is_real(type_)) return before->second;
    const double part = (time - before->first) / (after->first - before->first);
    buffer = before->second;
    for (std::size_t i = 0; i < buffer.real.size(); ++i) {
        buffer.real[i] += (after->second.real[i] - buffer.real[i]) * part;
    }
    return buffer;
}

void Parameter::set(Content content) {
    keys_.clear();
    content_ = std::move(content);
    keys_changed();
}

void Parameter::set_at(double time, Content content) {
    keys_[time] = std::move(content);
    keys_changed();
}

void Parameter::keys_changed() {
    if (properties_->has("OfxParamPropIsAnimating")) properties_->put("OfxParamPropIsAnimating", keys_.empty() ? 0 : 1);
}

Content Parameter::parse(const std::string& text) const {
    Content content;
    if (is_text(type_)) {
        content.text = text;
        return content;
    }
    if (type_ == "OfxParamTypeChoice") {
        const auto options = properties_->texts("OfxParamPropChoiceOption");
        const auto found = std::find(options.begin(), options.end(), text);
        if (found != options.end()) {
            content.whole.push_back(static_cast<int>(found - options.begin()));
            return content;
        }
    }
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) {
        if (is_whole(type_)) content.whole.push_back(std::stoi(part));
        else content.real.push_back(std::stod(part));
    }
    if (static_cast<int>(content.whole.size() + content.real.size()) != numbers_of(type_)) {
        throw std::invalid_argument("parameter " + name_ + " takes " + std::to_string(numbers_of(type_)) +
                                    " numbers or an option's name, not '" + text + "'");
    }
    return content;
}

std::string Parameter::print(const Content& content) const {
    if (is_text(type_)) return content.text;
    std::ostringstream out;
    out.precision(17);
    for (std::size_t i = 0; i < content.whole.size(); ++i) out << (i > 0 ? "," : "") << content.whole[i];
    for (std::size_t i = 0; i < content.real.size(); ++i) out << (i > 0 ? "," : "") << content.real[i];
    return out.str();
}

abi::Status Parameter::read(std::va_list& to, double time) const {
    Content buffer;
    const Content& content = at(time, buffer);
    if (is_text(type_)) {
        // Texts are never made in the buffer, so the pointer lives as long as the value.
        *va_arg(to, char**) = const_cast<char*>(content.text.c_str());
    } else if (is_whole(type_)) {
        for (const int value : content.whole) *va_arg(to, int*) = value;
    } else if (is_real(type_)) {
        for (const double value : content.real) *va_arg(to, double*) = value;
    } else {
        return abi::unsupported;
    }
    return abi::ok;
}

abi::Status Parameter::take(std::va_list& from, Content& content) const {
    if (is_text(type_)) {
        const char* text = va_arg(from, const char*);
        if (text == nullptr) return abi::bad_value;
        content.text = text;
        return abi::ok;
    }
    const int count = numbers_of(type_);
    if (count == 0) return abi::unsupported;
    for (int i = 0; i < count; ++i) {
        if (is_whole(type_)) content.whole.push_back(va_arg(from, int));
        else content.real.push_back(va_arg(from, double));
    }
    return abi::ok;
}

void ParameterSet::empty() {
    for (auto& one : all_) retire(std::move(one));
    all_.clear();
}

Parameter* ParameterSet::find(const std::string& name) {
    for (const auto& one : all_) {
        if (one->name() == name) return one.get();
    }
    return nullptr;
}

Parameter& ParameterSet::add(std::unique_ptr<Parameter> parameter) {
    all_.push_back(std::move(parameter));
    return *all_.back();
}

}  // namespace host

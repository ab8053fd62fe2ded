#include "line.hpp"

#include <cmath>
#include <cstdio>
#include <sstream>
#include <stdexcept>

namespace host {
namespace {

std::string decoded(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace

Command::Command(const std::string& line) {
    std::istringstream in(line);
    in >> verb_;
    for (std::string word; in >> word;) {
        const auto at = word.find('=');
        if (at == std::string::npos) throw std::invalid_argument("not key=value: " + word);
        values_[decoded(word.substr(0, at))] = decoded(word.substr(at + 1));
    }
}

std::string Command::text(const std::string& key) const {
    const auto at = values_.find(key);
    if (at == values_.end()) throw std::invalid_argument(verb_ + " needs " + key);
    return at->second;
}

std::string Command::text(const std::string& key, const std::string& otherwise) const {
    return has(key) ? text(key) : otherwise;
}

double Command::number(const std::string& key) const {
    const std::string value = text(key);
    std::size_t used = 0;
    const double parsed = std::stod(value, &used);
    if (used != value.size()) throw std::invalid_argument(key + " is no number: " + value);
    return parsed;
}

double Command::number(const std::string& key, double otherwise) const { return has(key) ? number(key) : otherwise; }
int Command::whole(const std::string& key, int otherwise) const { return static_cast<int>(number(key, otherwise)); }
bool Command::flag(const std::string& key, bool otherwise) const { return number(key, otherwise ? 1 : 0) != 0; }

std::vector<std::string> Command::texts(const std::string& key, char between) const {
    std::vector<std::string> all;
    std::istringstream in(text(key, ""));
    for (std::string one; std::getline(in, one, between);) all.push_back(one);
    return all;
}

std::vector<double> Command::numbers(const std::string& key) const {
    std::vector<double> all;
    for (const std::string& one : texts(key)) all.push_back(std::stod(one));
    return all;
}

Json& Json::raw(const std::string& key, const std::string& value) {
    if (!body_.empty()) body_ += ",";
    if (!array_) body_ += quoted(key) + ":";
    body_ += value;
    return *this;
}

std::string Json::text() const { return (array_ ? "[" : "{") + body_ + (array_ ? "]" : "}"); }

std::string Json::quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
            out += escape;
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string Json::number(double value) {
    if (!std::isfinite(value)) return "null";
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", value);
    return text;
}

Json list(const std::vector<std::string>& all) {
    Json out(true);
    for (const std::string& one : all) out.push(one);
    return out;
}

Json list(const std::vector<double>& all) {
    Json out(true);
    for (const double one : all) out.push(one);
    return out;
}

}  // namespace host

// The two sides of the conversation: commands as `verb key=value …` with values percent-encoded, answers as JSON.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace host {

class Command {
public:
    explicit Command(const std::string& line);

    const std::string& verb() const { return verb_; }
    const std::map<std::string, std::string>& all() const { return values_; }
    bool has(const std::string& key) const { return values_.count(key) > 0; }
    // Throw std::invalid_argument for what is not there or no number.
    std::string text(const std::string& key) const;
    std::string text(const std::string& key, const std::string& otherwise) const;
    double number(const std::string& key) const;
    double number(const std::string& key, double otherwise) const;
    int whole(const std::string& key, int otherwise) const;
    bool flag(const std::string& key, bool otherwise = false) const;
    std::vector<double> numbers(const std::string& key) const;
    std::vector<std::string> texts(const std::string& key, char between = ',') const;

private:
    std::string verb_;
    std::map<std::string, std::string> values_;
};

// An object or array as it grows; `raw` takes what is JSON already.
class Json {
public:
    explicit Json(bool array = false) : array_(array) {}
    Json& add(const std::string& key, const std::string& value) { return raw(key, quoted(value)); }
    Json& add(const std::string& key, const char* value) { return raw(key, quoted(value)); }
    Json& add(const std::string& key, double value) { return raw(key, number(value)); }
    Json& add(const std::string& key, int value) { return raw(key, std::to_string(value)); }
    Json& add(const std::string& key, long value) { return raw(key, std::to_string(value)); }
    Json& add(const std::string& key, bool value) { return raw(key, value ? "true" : "false"); }
    Json& add(const std::string& key, const Json& value) { return raw(key, value.text()); }
    Json& raw(const std::string& key, const std::string& value);
    Json& push(const std::string& value) { return raw("", quoted(value)); }
    Json& push(double value) { return raw("", number(value)); }
    Json& push(const Json& value) { return raw("", value.text()); }
    std::string text() const;

    static std::string quoted(const std::string& text);
    static std::string number(double value);

private:
    bool array_;
    std::string body_;
};

Json list(const std::vector<std::string>& all);
Json list(const std::vector<double>& all);

}  // namespace host

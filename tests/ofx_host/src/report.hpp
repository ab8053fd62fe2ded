// What the host saw: breaches of the specification, messages, and which action each thread is in.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace host {

class Effect;
struct Job;

struct Message {
    std::string type, id, text;
    bool persistent = false;
};

// The action that the calling thread is in; what the plugin calls from elsewhere is told apart by `action` being empty.
struct Scope {
    std::string action;
    Effect* effect = nullptr;
    Job* job = nullptr;    // of Render
    bool spawned = false;  // by the multithread suite
    unsigned int index = 0;
};
Scope& scope();

// While it lives, violations are put down to an action that is over.
class Blame {
public:
    explicit Blame(const std::string& action);
    ~Blame();
    Blame(const Blame&) = delete;
    Blame& operator=(const Blame&) = delete;

private:
    Scope outer_;
};

class Report {
public:
    // `what` in words; the action it happened in is put before it. Said once, however often it happens.
    void violation(const std::string& what);
    void message(Message message);
    void clear_persistent(const std::string& of);

    // What came since the last call.
    std::vector<std::string> take_violations();
    std::vector<Message> take_messages();

    // Whether a plugin is between Load and Unload: outside, it has no business with suites.
    std::atomic<int> loaded{0};
    // Set while setHost runs.
    std::atomic<bool> setting_host{false};

private:
    std::mutex lock_;
    std::vector<std::string> said_, violations_;
    std::vector<Message> messages_;
};
Report& report();

// For every function of a suite: a violation where no plugin is loaded; where it is `bound`, also outside any action.
void called(const char* function, bool bound = true);

}  // namespace host

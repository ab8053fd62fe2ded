// Commands to this host: one a line, each with one answer.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "instance.hpp"
#include "line.hpp"
#include "plugin.hpp"

namespace host {

class Session {
public:
    explicit Session(const Profile& profile) : profile_(profile) {}

    // What a host does when it is closed: instances, plugins and binary go, in this order. False where the plugin left
    // the specification meanwhile; it is then printed.
    bool finish();

    // The answer, with what was violated and said since the last.
    std::string answer(const std::string& line);
    bool over() const { return over_; }

private:
    using Handler = void (Session::*)(const Command&, Json&);
    static const std::map<std::string, Handler>& handlers();

    Instance& instance(const Command& command);
    void load(const Command&, Json&);
    void describe(const Command&, Json&);
    void unload(const Command&, Json&);
    void close(const Command&, Json&);
    void create(const Command&, Json&);
    void destroy(const Command&, Json&);
    void frame(const Command&, Json&);
    void disconnect(const Command&, Json&);
    void forbid(const Command&, Json&);
    void set(const Command&, Json&);
    void press(const Command&, Json&);
    void parameters(const Command&, Json&);
    void ask(const Command&, Json&);
    void action(const Command&, Json&);
    void render(const Command&, Json&);
    void usage(const Command&, Json&);
    void quit(const Command&, Json&);

    const Profile& profile_;
    std::unique_ptr<Binary> binary_;
    std::map<std::string, std::unique_ptr<Instance>> instances_;
    bool over_ = false;
};

}  // namespace host

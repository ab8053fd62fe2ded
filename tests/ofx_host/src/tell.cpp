#include "tell.hpp"

namespace host {

Json told(const PropertySet& set) {
    Json out;
    for (const auto& [name, entry] : set.entries()) {
        if (entry.rule.absent || entry.rule.type == Type::pointer) continue;
        Json values(true);
        for (const Value& value : entry.values) {
            if (entry.rule.type == Type::string) values.push(std::get<std::string>(value));
            else if (entry.rule.type == Type::real) values.push(std::get<double>(value));
            else values.push(static_cast<double>(std::get<int>(value)));
        }
        out.add(name, values);
    }
    return out;
}

Json told(Effect& effect) {
    Json parameters(true), clips(true);
    for (const auto& one : effect.parameters().all()) {
        Json parameter;
        parameter.add("name", one->name()).add("type", one->type());
        if (effect.instance()) {
            Content buffer;
            parameter.add("value", one->print(one->at(effect.time, buffer)));
        }
        parameters.push(parameter.add("properties", told(one->properties())));
    }
    for (const auto& one : effect.clips()) {
        clips.push(Json().add("name", one->name()).add("properties", told(*one->properties)));
    }
    Json out;
    out.add("properties", told(effect.properties())).add("parameters", parameters).add("clips", clips);
    return out;
}

}  // namespace host

// Which properties each kind of set has: the tables of the specification, API 1.5.1.
#pragma once

#include <string>

#include "profile.hpp"
#include "properties.hpp"

namespace host {

// Names in one string, apart by spaces; `of` tells in violations whose set it is.
void fill(PropertySet& set, const std::string& names);

void fill_host(PropertySet& set, const Profile& profile);
void fill_effect_descriptor(PropertySet& set, const Profile& profile);
void fill_effect_instance(PropertySet& set, const Profile& profile);
void fill_clip_descriptor(PropertySet& set, const std::string& name);
void fill_clip_instance(PropertySet& set, const Profile& profile);
void fill_image(PropertySet& set);
// False where there is no such type of parameter.
bool fill_parameter(PropertySet& set, const std::string& type, const std::string& name, const Profile& profile);
// A property whose name holds a clip's, such as `OfxImageClipPropRoI_Source`.
void add_of_clip(PropertySet& set, const std::string& stem, const std::string& clip);

// What a plugin may write on instances; on descriptors it may write all but a few.
bool effect_instance_may_write(const std::string& name);
bool clip_instance_may_write(const std::string& name);
bool parameter_instance_may_write(const std::string& name);

// How many numbers a parameter of a type has: 0 for those that have none, or a text.
int numbers_of(const std::string& type);
bool is_whole(const std::string& type);  // of ints
bool is_real(const std::string& type);   // of doubles
bool is_text(const std::string& type);

}  // namespace host

// The part of the OpenFX binary interface that the plugin uses: structs, function tables, status codes, property names.
//
// Order, signatures and strings are those of the OpenFX API 1.5.1 (Academy Software Foundation); the assertions at the
// end hold the layout, and tests/abi_against_public.cpp compares all of it with the public headers where they are given.
#pragma once

#include <cstddef>

namespace ofx {

using Status = int;
using Time = double;

struct PropertySetTag;
struct EffectTag;
struct ClipTag;
struct ImageMemoryTag;
struct ParamTag;
struct ParamSetTag;
struct MutexTag;
using PropertySet = PropertySetTag*;
using Effect = EffectTag*;
using ClipHandle = ClipTag*;
using ImageMemoryHandle = ImageMemoryTag*;
using Param = ParamTag*;
using ParamSet = ParamSetTag*;
using MutexHandle = MutexTag*;

struct RectI {
    int x1, y1, x2, y2;
};
struct RectD {
    double x1, y1, x2, y2;
};
struct RangeD {
    double min, max;
};

inline constexpr Status ok = 0, failed = 1, err_fatal = 2, err_unknown = 3, err_missing_host_feature = 4, err_unsupported = 5,
                        err_exists = 6, err_format = 7, err_memory = 8, err_bad_handle = 9, err_bad_index = 10, err_value = 11,
                        reply_yes = 12, reply_no = 13, reply_default = 14, err_image_format = 1000,
                        gpu_out_of_memory = 1001, gpu_render_failed = 1002;

struct Host {
    PropertySet host;
    const void* (*fetchSuite)(PropertySet host, const char* name, int version);
};

using EntryPoint = Status(const char* action, const void* handle, PropertySet in, PropertySet out);

struct Plugin {
    const char* api;
    int api_version;
    const char* identifier;
    unsigned int version_major, version_minor;
    void (*set_host)(Host* host);
    EntryPoint* main_entry;
};

struct PropertySuiteV1 {
    Status (*set_pointer)(PropertySet, const char* name, int index, void* value);
    Status (*set_string)(PropertySet, const char* name, int index, const char* value);
    Status (*set_double)(PropertySet, const char* name, int index, double value);
    Status (*set_int)(PropertySet, const char* name, int index, int value);
    Status (*set_pointer_n)(PropertySet, const char* name, int count, void* const* value);
    Status (*set_string_n)(PropertySet, const char* name, int count, const char* const* value);
    Status (*set_double_n)(PropertySet, const char* name, int count, const double* value);
    Status (*set_int_n)(PropertySet, const char* name, int count, const int* value);
    Status (*get_pointer)(PropertySet, const char* name, int index, void** value);
    Status (*get_string)(PropertySet, const char* name, int index, char** value);
    Status (*get_double)(PropertySet, const char* name, int index, double* value);
    Status (*get_int)(PropertySet, const char* name, int index, int* value);
    Status (*get_pointer_n)(PropertySet, const char* name, int count, void** value);
    Status (*get_string_n)(PropertySet, const char* name, int count, char** value);
    Status (*get_double_n)(PropertySet, const char* name, int count, double* value);
    Status (*get_int_n)(PropertySet, const char* name, int count, int* value);
    Status (*reset)(PropertySet, const char* name);
    Status (*get_dimension)(PropertySet, const char* name, int* count);
};

struct ParameterSuiteV1 {
    Status (*define)(ParamSet, const char* type, const char* name, PropertySet* properties);
    Status (*get_handle)(ParamSet, const char* name, Param* param, PropertySet* properties);
    Status (*set_get_property_set)(ParamSet, PropertySet* properties);
    Status (*get_property_set)(Param, PropertySet* properties);
    Status (*get_value)(Param, ...);
    Status (*get_value_at_time)(Param, Time time, ...);
    Status (*get_derivative)(Param, Time time, ...);
    Status (*get_integral)(Param, Time first, Time last, ...);
    Status (*set_value)(Param, ...);
    Status (*set_value_at_time)(Param, Time time, ...);
    Status (*get_num_keys)(Param, unsigned int* count);
    Status (*get_key_time)(Param, unsigned int nth, Time* time);
    Status (*get_key_index)(Param, Time time, int direction, int* index);
    Status (*delete_key)(Param, Time time);
    Status (*delete_all_keys)(Param);
    Status (*copy)(Param to, Param from, Time offset, const RangeD* range);
    Status (*edit_begin)(ParamSet, const char* name);
    Status (*edit_end)(ParamSet);
};

struct ImageEffectSuiteV1 {
    Status (*get_property_set)(Effect, PropertySet* properties);
    Status (*get_param_set)(Effect, ParamSet* params);
    Status (*clip_define)(Effect, const char* name, PropertySet* properties);
    Status (*clip_get_handle)(Effect, const char* name, ClipHandle* clip, PropertySet* properties);
    Status (*clip_get_property_set)(ClipHandle, PropertySet* properties);
    Status (*clip_get_image)(ClipHandle, Time time, const RectD* region, PropertySet* image);
    Status (*clip_release_image)(PropertySet image);
    Status (*clip_get_region_of_definition)(ClipHandle, Time time, RectD* bounds);
    int (*abort)(Effect);
    Status (*image_memory_alloc)(Effect, std::size_t bytes, ImageMemoryHandle* memory);
    Status (*image_memory_free)(ImageMemoryHandle);
    Status (*image_memory_lock)(ImageMemoryHandle, void** pointer);
    Status (*image_memory_unlock)(ImageMemoryHandle);
};

using ThreadFunctionV1 = void(unsigned int index, unsigned int count, void* argument);

struct MultiThreadSuiteV1 {
    Status (*multi_thread)(ThreadFunctionV1 function, unsigned int threads, void* argument);
    Status (*num_cpus)(unsigned int* count);
    Status (*index)(unsigned int* index);
    int (*is_spawned_thread)();
    Status (*mutex_create)(MutexHandle* mutex, int locks);
    Status (*mutex_destroy)(MutexHandle);
    Status (*mutex_lock)(MutexHandle);
    Status (*mutex_unlock)(MutexHandle);
    Status (*mutex_try_lock)(MutexHandle);
};

struct MessageSuiteV1 {
    Status (*message)(void* handle, const char* type, const char* id, const char* format, ...);
};

struct MessageSuiteV2 {
    Status (*message)(void* handle, const char* type, const char* id, const char* format, ...);
    Status (*set_persistent_message)(void* handle, const char* type, const char* id, const char* format, ...);
    Status (*clear_persistent_message)(void* handle);
};

// Every table is functions alone: one in the wrong place would be called with another's arguments.
namespace check {
inline constexpr std::size_t pointer = sizeof(void*);
static_assert(sizeof(void (*)()) == pointer);
static_assert(sizeof(Host) == 2 * pointer && offsetof(Host, fetchSuite) == pointer);
static_assert(sizeof(Plugin) == (pointer == 8 ? 48 : 28));
static_assert(offsetof(Plugin, identifier) == 2 * pointer && offsetof(Plugin, version_major) == 3 * pointer &&
              offsetof(Plugin, version_minor) == 3 * pointer + 4 && offsetof(Plugin, set_host) == 3 * pointer + 8 &&
              offsetof(Plugin, main_entry) == 4 * pointer + 8);
static_assert(sizeof(PropertySuiteV1) == 18 * pointer && offsetof(PropertySuiteV1, set_pointer_n) == 4 * pointer &&
              offsetof(PropertySuiteV1, get_pointer) == 8 * pointer && offsetof(PropertySuiteV1, get_pointer_n) == 12 * pointer &&
              offsetof(PropertySuiteV1, get_dimension) == 17 * pointer);
static_assert(sizeof(ParameterSuiteV1) == 18 * pointer && offsetof(ParameterSuiteV1, get_value) == 4 * pointer &&
              offsetof(ParameterSuiteV1, set_value) == 8 * pointer && offsetof(ParameterSuiteV1, copy) == 15 * pointer &&
              offsetof(ParameterSuiteV1, edit_end) == 17 * pointer);
static_assert(sizeof(ImageEffectSuiteV1) == 13 * pointer && offsetof(ImageEffectSuiteV1, clip_get_image) == 5 * pointer &&
              offsetof(ImageEffectSuiteV1, abort) == 8 * pointer &&
              offsetof(ImageEffectSuiteV1, image_memory_unlock) == 12 * pointer);
static_assert(sizeof(MultiThreadSuiteV1) == 9 * pointer && offsetof(MultiThreadSuiteV1, mutex_create) == 4 * pointer);
static_assert(sizeof(MessageSuiteV1) == pointer && sizeof(MessageSuiteV2) == 3 * pointer &&
              offsetof(MessageSuiteV2, clear_persistent_message) == 2 * pointer);
static_assert(sizeof(RectI) == 16 && sizeof(RectD) == 32 && sizeof(RangeD) == 16 && sizeof(int) == 4);
}  // namespace check

}  // namespace ofx

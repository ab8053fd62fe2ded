// The part of the OpenFX 1.5 ABI that a host needs: written from the public headers for this host alone, so that a
// mistake in the plugin's own declarations of the same things does not go unnoticed here.
#pragma once

#include <cstddef>

namespace abi {

using Status = int;
constexpr Status ok = 0, failed = 1, fatal = 2, unknown = 3, missing_host_feature = 4, unsupported = 5, exists = 6,
                 format = 7, memory = 8, bad_handle = 9, bad_index = 10, bad_value = 11, reply_yes = 12, reply_no = 13,
                 reply_default = 14, unlicensed = 15, image_format = 1000;

// Handles are pointers to what only the host knows.
using Properties = struct PropertiesHandle*;
using Parameter = struct ParameterHandle*;
using Parameters = struct ParametersHandle*;
using Effect = struct EffectHandle*;
using Clip = struct ClipHandle*;
using ImageMemory = struct ImageMemoryHandle*;
using Mutex = struct MutexHandle*;

struct RectI {
    int x1, y1, x2, y2;
};
struct RectD {
    double x1, y1, x2, y2;
};
struct RangeD {
    double min, max;
};
struct Bytes {
    const unsigned char* data;
    std::size_t length;
};

struct Host {
    Properties properties;
    const void* (*fetch)(Properties host, const char* suite, int version);
};

extern "C" using Main = Status(const char* action, const void* handle, Properties in, Properties out);

struct Plugin {
    const char* api;
    int api_version;
    const char* identifier;
    unsigned int major, minor;
    void (*set_host)(Host*);
    Main* main;
};
static_assert(sizeof(Plugin) == 3 * sizeof(void*) + 2 * sizeof(unsigned) + 2 * sizeof(void*) || sizeof(void*) != 8);

struct PropertySuite {
    Status (*set_pointer)(Properties, const char*, int, void*);
    Status (*set_string)(Properties, const char*, int, const char*);
    Status (*set_double)(Properties, const char*, int, double);
    Status (*set_int)(Properties, const char*, int, int);
    Status (*set_pointers)(Properties, const char*, int, void* const*);
    Status (*set_strings)(Properties, const char*, int, const char* const*);
    Status (*set_doubles)(Properties, const char*, int, const double*);
    Status (*set_ints)(Properties, const char*, int, const int*);
    Status (*get_pointer)(Properties, const char*, int, void**);
    Status (*get_string)(Properties, const char*, int, char**);
    Status (*get_double)(Properties, const char*, int, double*);
    Status (*get_int)(Properties, const char*, int, int*);
    Status (*get_pointers)(Properties, const char*, int, void**);
    Status (*get_strings)(Properties, const char*, int, char**);
    Status (*get_doubles)(Properties, const char*, int, double*);
    Status (*get_ints)(Properties, const char*, int, int*);
    Status (*reset)(Properties, const char*);
    Status (*dimension)(Properties, const char*, int*);
};

struct ParameterSuite {
    Status (*define)(Parameters, const char* type, const char* name, Properties*);
    Status (*get_handle)(Parameters, const char* name, Parameter*, Properties*);
    Status (*set_properties)(Parameters, Properties*);
    Status (*properties)(Parameter, Properties*);
    Status (*get)(Parameter, ...);
    Status (*get_at)(Parameter, double time, ...);
    Status (*derivative)(Parameter, double time, ...);
    Status (*integral)(Parameter, double from, double to, ...);
    Status (*set)(Parameter, ...);
    Status (*set_at)(Parameter, double time, ...);
    Status (*key_count)(Parameter, unsigned int*);
    Status (*key_time)(Parameter, unsigned int, double*);
    Status (*key_index)(Parameter, double time, int direction, int*);
    Status (*delete_key)(Parameter, double time);
    Status (*delete_keys)(Parameter);
    Status (*copy)(Parameter to, Parameter from, double offset, const RangeD*);
    Status (*edit_begin)(Parameters, const char* name);
    Status (*edit_end)(Parameters);
};

struct EffectSuite {
    Status (*properties)(Effect, Properties*);
    Status (*parameters)(Effect, Parameters*);
    Status (*clip_define)(Effect, const char* name, Properties*);
    Status (*clip_handle)(Effect, const char* name, Clip*, Properties*);
    Status (*clip_properties)(Clip, Properties*);
    Status (*clip_image)(Clip, double time, const RectD* region, Properties* image);
    Status (*release_image)(Properties image);
    Status (*clip_region)(Clip, double time, RectD*);
    int (*abort)(Effect);
    Status (*memory_alloc)(Effect, std::size_t, ImageMemory*);
    Status (*memory_free)(ImageMemory);
    Status (*memory_lock)(ImageMemory, void**);
    Status (*memory_unlock)(ImageMemory);
};

struct MemorySuite {
    Status (*alloc)(void* handle, std::size_t, void**);
    Status (*free)(void*);
};

extern "C" using ThreadFunction = void(unsigned int index, unsigned int count, void* custom);

struct ThreadSuite {
    Status (*run)(ThreadFunction*, unsigned int threads, void* custom);
    Status (*cpus)(unsigned int*);
    Status (*index)(unsigned int*);
    int (*is_spawned)();
    Status (*mutex_create)(Mutex*, int locks);
    Status (*mutex_destroy)(Mutex);
    Status (*mutex_lock)(Mutex);
    Status (*mutex_unlock)(Mutex);
    Status (*mutex_try_lock)(Mutex);
};

struct MessageSuite1 {
    Status (*message)(void* handle, const char* type, const char* id, const char* format, ...);
};
struct MessageSuite2 {
    Status (*message)(void* handle, const char* type, const char* id, const char* format, ...);
    Status (*set_persistent)(void* handle, const char* type, const char* id, const char* format, ...);
    Status (*clear_persistent)(void* handle);
};

struct ProgressSuite1 {
    Status (*start)(void* effect, const char* label);
    Status (*update)(void* effect, double progress);
    Status (*end)(void* effect);
};
struct ProgressSuite2 {
    Status (*start)(void* effect, const char* message, const char* id);
    Status (*update)(void* effect, double progress);
    Status (*end)(void* effect);
};

struct TimeLineSuite {
    Status (*time)(void* effect, double*);
    Status (*go_to)(void* effect, double);
    Status (*bounds)(void* effect, double* first, double* last);
};

}  // namespace abi

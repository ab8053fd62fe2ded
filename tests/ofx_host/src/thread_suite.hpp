// The multithread suite: real threads, and mutexes that count their locks.
#pragma once

#include "abi.hpp"

namespace host {

const abi::ThreadSuite& thread_suite();
// What `multiThreadNumCPUs` says, and as many threads as `multiThread` starts at most.
void set_cpus(unsigned int count);
// Mutexes that were not destroyed.
void report_mutexes();

}  // namespace host

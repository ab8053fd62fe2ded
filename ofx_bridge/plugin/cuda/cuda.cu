// The passes of gpu/passes.hpp as kernels. Compiled by CUDA's compiler and never run: see docs/openfx.md.
#include <cuda_runtime.h>

#include <cstdio>

#include "gpu/device.hpp"
#include "gpu/passes.hpp"

namespace candela::plugin::gpu {
namespace {

constexpr int threads = 128;

__device__ std::size_t number() { return static_cast<std::size_t>(blockIdx.x) * threads + threadIdx.x; }

__global__ void __launch_bounds__(threads) codes_kernel(const __grid_constant__ Job job, Memory memory, std::size_t count) {
    if (number() < count) take_codes(job, memory, number());
}

__global__ void __launch_bounds__(threads) squares_kernel(const __grid_constant__ Job job, Memory memory, std::size_t count) {
    if (number() < count) sum_square(job, memory, number());
}

__global__ void __launch_bounds__(threads) means_kernel(const __grid_constant__ Job job, Memory memory, int grid, std::size_t count) {
    if (number() < count) mean_over_cell(job, memory, grid, number());
}

// Every thread of a block reads the same weight at a time: shared memory gives it to all of them at once.
template <int W>
__global__ void __launch_bounds__(threads) pixels_kernel(const __grid_constant__ Job job, Memory memory, std::size_t count, bool shared) {
    extern __shared__ float held_weights[];
    const float* weights = memory.tables + job.network.weights;
    if (shared) {
        for (int i = static_cast<int>(threadIdx.x); i < job.network.weight_count; i += threads) held_weights[i] = weights[i];
        __syncthreads();
        weights = held_weights;
    }
    if (number() < count) render_pixel<W>(job, memory, weights, number());
}

unsigned blocks(std::size_t count) { return static_cast<unsigned>((count + threads - 1) / threads); }

Outcome told(cudaError_t error, char* why) {
    if (error == cudaSuccess) return Outcome::done;
    std::snprintf(why, 256, "%s", cudaGetErrorString(error));
    cudaGetLastError();  // the host is not to stumble over it
    return error == cudaErrorMemoryAllocation ? Outcome::out_of_memory : Outcome::failed;
}

// Memory of the device for one render, in the order of a stream where it can be.
class Block {
public:
    Block(std::size_t bytes, cudaStream_t stream) : stream_(stream) {
        int device = 0, pools = 0;
        if (cudaGetDevice(&device) == cudaSuccess) cudaDeviceGetAttribute(&pools, cudaDevAttrMemoryPoolsSupported, device);
        ordered_ = pools != 0;
        error_ = ordered_ ? cudaMallocAsync(&data_, bytes, stream) : cudaMalloc(&data_, bytes);
    }
    ~Block() {
        if (!data_) return;
        if (ordered_) {
            cudaFreeAsync(data_, stream_);
        } else {
            cudaFree(data_);  // waits for what is at work with it
        }
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    cudaError_t error() const { return error_; }
    void* data() const { return data_; }

private:
    cudaStream_t stream_;
    bool ordered_ = false;
    void* data_ = nullptr;
    cudaError_t error_ = cudaSuccess;
};

template <int W>
void pixels(const Job& job, const Memory& memory, std::size_t count, cudaStream_t stream) {
    const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(job.network.weight_count);
    const bool fits = bytes <= 48 * 1024;  // what every device has without being asked
    pixels_kernel<W><<<blocks(count), threads, fits ? bytes : 0, stream>>>(job, memory, count, fits);
}

std::size_t area(const Rectangle& r) { return static_cast<std::size_t>(r.right - r.left) * static_cast<std::size_t>(r.bottom - r.top); }

Outcome render(const Job& job, void* given, char* why) {
    const auto stream = static_cast<cudaStream_t>(given);
    const std::size_t tables = (job.table_bytes + 255) / 256 * 256;
    const Block block(tables + sizeof(float) * job.scratch_floats, stream);
    if (block.error() != cudaSuccess) return told(block.error(), why);
    // Out of memory that may be paged: it is taken before the call returns.
    cudaError_t error = cudaMemcpyAsync(block.data(), job.tables, job.table_bytes, cudaMemcpyHostToDevice, stream);
    if (error != cudaSuccess) return told(error, why);
    const Memory memory{static_cast<const float*>(block.data()), reinterpret_cast<float*>(static_cast<char*>(block.data()) + tables)};
    std::size_t count = area(job.needed);
    codes_kernel<<<blocks(count), threads, 0, stream>>>(job, memory, count);
    count = static_cast<std::size_t>(job.square_columns) * job.square_rows;
    squares_kernel<<<blocks(count), threads, 0, stream>>>(job, memory, count);
    for (int g = 0; g < 3; ++g) {
        count = static_cast<std::size_t>(job.network.means[g].width) * job.network.means[g].height;
        means_kernel<<<blocks(count), threads, 0, stream>>>(job, memory, g, count);
    }
    count = area(job.window);
    switch (job.network.width) {
        case 16: pixels<16>(job, memory, count, stream); break;
        case 32: pixels<32>(job, memory, count, stream); break;
        case 64: pixels<64>(job, memory, count, stream); break;
        default: pixels<128>(job, memory, count, stream);
    }
    error = cudaGetLastError();
    if (error == cudaSuccess && !given) error = cudaStreamSynchronize(stream);
    return told(error, why);
}

Outcome copy(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch, std::size_t bytes, std::size_t rows, bool to_device,
             void* given, char* why) {
    const auto stream = static_cast<cudaStream_t>(given);
    const cudaMemcpyKind kind = to_device ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost;
    cudaError_t error = cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, bytes, rows, kind, stream);
    if (error == cudaSuccess) error = cudaStreamSynchronize(stream);
    return told(error, why);
}

}  // namespace
}  // namespace candela::plugin::gpu

extern "C" const candela::plugin::gpu::Device* candela_cuda() {
    static constexpr candela::plugin::gpu::Device device{&candela::plugin::gpu::render, &candela::plugin::gpu::copy};
    int count = 0;
    // Without a driver, and with one that is too old, this is an error like any other.
    if (cudaGetDeviceCount(&count) != cudaSuccess) {
        cudaGetLastError();
        return nullptr;
    }
    return count > 0 ? &device : nullptr;
}

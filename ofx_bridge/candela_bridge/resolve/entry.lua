-- Candela in Resolve's menu Workspace > Scripts, for timeline files: it starts Candela's panel, a program of its
-- own. In Lua, as editions of Resolve that run no Python from this menu run that.

-- Both are filled in by `candela install resolve`.
local COMMAND = nil
local HOSTS_OWN = nil

local on_windows = package.config:sub(1, 1) == "\\"

local function quoted(text)
    if on_windows then
        return '"' .. text .. '"' -- a path has no quotes there
    end
    return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function line(command)
    local parts = {}
    for _, name in ipairs(HOSTS_OWN) do -- Resolve's own Python, Qt and libraries are not the panel's
        parts[#parts + 1] = on_windows and ('set "' .. name .. '="') or ("-u " .. name)
    end
    if on_windows then
        parts[#parts + 1] = 'start "" /B ' .. quoted(command) .. " panel"
        return table.concat(parts, " & ")
    end
    return "env " .. table.concat(parts, " ") .. " " .. quoted(command) .. " panel >/dev/null 2>&1 </dev/null &"
end

local command = os.getenv("CANDELA_COMMAND") or COMMAND or "candela"
local done = os.execute(line(command))
if done == true or done == 0 then
    print("Candela's panel is being started.")
else
    print("Candela's panel cannot be started: " .. command .. ". Run candela install resolve again.")
end

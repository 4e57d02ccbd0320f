module.exports = {
  displayName: 'task-c',
  preset: '../../jest.preset.js',
};
